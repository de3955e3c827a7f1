/** The page takes the focus when what had it is gone: keys and screen readers go on from there, not from nowhere. */
export function takeLostFocus(): void {
  const active = document.activeElement;
  if (active === null || active === document.body) document.getElementById("main")?.focus({ preventScroll: true });
}
