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

const COMPOSING = 229; // what Safari says of the Enter that ends a composition, after the composition has ended

/** Whether an input method takes this key: it chooses, ends or leaves a word that is being composed. */
function belongsToInputMethod(event: KeyboardEvent): boolean {
  return event.isComposing || event.keyCode === COMPOSING;
}

/**
 * No part of the page is told of a key that an input method takes, and no form is sent by it: this is the one place that
 * knows of compositions. Gives back how to end that.
 */
export function keepKeysOfInputMethods(page: Window): () => void {
  const keep = (event: KeyboardEvent) => {
    if (!belongsToInputMethod(event)) return;
    event.stopImmediatePropagation();
    if (event.key === "Enter" || event.key === "Escape") event.preventDefault();
  };
  page.addEventListener("keydown", keep, { capture: true });
  return () => page.removeEventListener("keydown", keep, { capture: true });
}

// What takes letters itself: to write, to choose by the first letter, to switch; layers also take the page's keys away.
const TAKES_LETTERS = [
  "input",
  "textarea",
  "select",
  "[contenteditable]:not([contenteditable=false])",
  ..."combobox listbox menu menubar tree grid checkbox switch radio slider spinbutton textbox searchbox dialog alertdialog"
    .split(" ")
    .map((role) => `[role=${role}]`),
].join(", ");

/** Whether these keys belong to what has the focus: someone writes or chooses there, or a layer lies over the page. */
export function belongsToFocus(event: KeyboardEvent): boolean {
  if (event.defaultPrevented) return true;
  if (event.metaKey || event.ctrlKey) return false;
  return event.target instanceof Element && event.target.closest(TAKES_LETTERS) !== null;
}

/** Whether a binding is of characters alone (`x`, `?`, `g d`), as speech input and tremor also type them (WCAG 2.1.4). */
export function isOfCharacters(keys: string): boolean {
  return keys.split(" ").every((key) => [...key].length === 1);
}
