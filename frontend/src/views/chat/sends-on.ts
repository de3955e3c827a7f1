import type { KeyboardEvent } from "react";

const COMPOSING = 229; // what Safari says of the Enter that ends a composition, after the composition has ended

/** Whether this key sends: Enter alone (or with Ctrl/⌘), and never while a Japanese word is being composed. */
export function sendsOn(event: KeyboardEvent): boolean {
  if (event.key !== "Enter" || event.shiftKey || event.altKey) return false;
  return !event.nativeEvent.isComposing && event.nativeEvent.keyCode !== COMPOSING;
}
