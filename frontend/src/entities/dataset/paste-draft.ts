import { useState } from "react";

const PLACE = "llmlora_pasted_rows";

function keep(text: string): void {
  try {
    if (text === "") sessionStorage.removeItem(PLACE);
    else sessionStorage.setItem(PLACE, text);
  } catch {
    // more than the browser keeps: the text stays in the field alone
  }
}

/** Whether rows were typed that nothing was made of yet. */
export function hasPasteDraft(): boolean {
  try {
    return sessionStorage.getItem(PLACE) !== null;
  } catch {
    return false;
  }
}

/** Typed rows, which survive a reload until they are saved or thrown away. */
export function usePasteDraft(): [string, (text: string) => void] {
  const [text, setText] = useState(() => (hasPasteDraft() ? (sessionStorage.getItem(PLACE) ?? "") : ""));
  const change = (next: string) => {
    setText(next);
    keep(next);
  };
  return [text, change];
}

export function forgetPasteDraft(): void {
  keep("");
}
