import type { KeyboardEvent } from "react";

/** Whether this key sends: Enter alone, or with Ctrl/⌘. */
export function sendsOn(event: KeyboardEvent): boolean {
  return event.key === "Enter" && !event.shiftKey && !event.altKey;
}
