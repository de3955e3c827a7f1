import type { KeyboardEvent } from "react";

const STEP: Readonly<Record<string, number>> = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 };

/** Arrows, Home and End go from button to button inside a group that is one stop of the Tab key; returns where to. */
export function rove(event: KeyboardEvent<HTMLElement>): HTMLButtonElement | null {
  const buttons = [...event.currentTarget.querySelectorAll<HTMLButtonElement>("button:not(:disabled)")];
  const here = buttons.findIndex((button) => button === document.activeElement);
  const next = here < 0 ? undefined : buttons[indexAfter(event.key, here, buttons.length)];
  if (!next) return null;
  event.preventDefault();
  next.focus();
  return next;
}

function indexAfter(key: string, here: number, count: number): number {
  if (key === "Home") return 0;
  if (key === "End") return count - 1;
  const step = STEP[key];
  return step === undefined ? -1 : (here + step + count) % count;
}
