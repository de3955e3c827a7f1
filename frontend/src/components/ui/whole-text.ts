/**
 * Whatever ends in an ellipsis tells the whole under the pointer and on focus, wherever it stands: nobody has to write a
 * title beside every name that may be too long. A title of its own is left alone. `signal` ends it.
 */
export function tellWholeTexts(signal: AbortSignal): void {
  const tell = (event: Event) => {
    for (let one = event.target instanceof Element ? event.target : null; one instanceof HTMLElement; one = one.parentElement) tellWhole(one);
  };
  const tellWithin = (event: Event) => {
    if (event.target instanceof Element) event.target.querySelectorAll<HTMLElement>(".truncate").forEach(tellWhole);
  };
  document.addEventListener("pointerover", tell, { passive: true, signal });
  document.addEventListener("focusin", tellWithin, { signal });
}

function tellWhole(element: HTMLElement): void {
  const isOurs = element.dataset.whole !== undefined;
  if (element.title && !isOurs) return;
  const isCut = getComputedStyle(element).textOverflow === "ellipsis" && element.scrollWidth > element.clientWidth;
  if (isCut) {
    element.title = element.textContent ?? "";
    element.dataset.whole = "";
  } else if (isOurs) {
    element.removeAttribute("title");
    delete element.dataset.whole;
  }
}
