/** One press of a key as bindings are written: `k`, `?`, `mod+k` (mod: ⌘ on Apple's keyboards, Ctrl elsewhere). */
export function strokeOf(event: KeyboardEvent): string {
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  const modifier = event.metaKey || event.ctrlKey;
  if (event.altKey) return "";
  if (!modifier) return key;
  return event.shiftKey ? `mod+shift+${key}` : `mod+${key}`;
}

interface Step {
  /** The binding that is complete now. */
  match: string | null;
  /** What was pressed so far of a longer one. */
  pressed: readonly string[];
}

/** Reads bindings such as `mod+k` or `g d` stroke by stroke. */
export function readStroke(pressed: readonly string[], stroke: string, bindings: readonly string[]): Step {
  for (const strokes of [[...pressed, stroke], [stroke]]) {
    const typed = strokes.join(" ");
    if (bindings.includes(typed)) return { match: typed, pressed: [] };
    if (bindings.some((binding) => binding.startsWith(`${typed} `))) return { match: null, pressed: strokes };
  }
  return { match: null, pressed: [] };
}

/** Whether these keys belong to what has the focus: someone writes there, or a layer lies over the page. */
export function belongsToFocus(event: KeyboardEvent): boolean {
  if (event.isComposing || event.keyCode === 229 || event.defaultPrevented) return true;
  if (event.metaKey || event.ctrlKey) return false;
  const target = event.target;
  if (!(target instanceof HTMLElement)) return false;
  return target.isContentEditable || target.closest("input, textarea, select, [role=dialog], [role=menu], [role=listbox]") !== null;
}
