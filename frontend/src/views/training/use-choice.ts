import { debounce, parseAsArrayOf, parseAsString, parseAsStringLiteral, useQueryState, useQueryStates } from "nuqs";
import { useCallback, useDeferredValue, useMemo } from "react";

import { type Choice, STATE_CHOICES, TRAINING } from "./filters";

const WRITE_AFTER_MS = 250;

const PARSERS = {
  state: parseAsStringLiteral(STATE_CHOICES).withDefault("all"),
  kind: parseAsString.withDefault(TRAINING),
  q: parseAsString.withDefault(""),
  tag: parseAsString.withDefault(""),
};

/** The filters, kept in the address. `change` writes words only after a pause in typing. */
export function useChoice() {
  const [choice, setChoice] = useQueryStates(PARSERS, { history: "replace" });
  const change = useCallback(
    (next: Partial<Choice>) =>
      void setChoice(next, "q" in next && next.q ? { limitUrlUpdates: debounce(WRITE_AFTER_MS) } : undefined),
    [setChoice],
  );
  const clear = useCallback(() => void setChoice(null), [setChoice]);
  return { choice, words: useDeferredValue(choice.q), change, clear };
}

/** The chosen rows, kept in the address; live updates leave them alone. */
export function useSelection() {
  const [ids, setIds] = useQueryState("selected", parseAsArrayOf(parseAsString).withDefault([]));
  const selected = useMemo(() => new Set(ids), [ids]);
  const toggle = useCallback(
    (id: string) => void setIds((old) => (old.includes(id) ? old.filter((one) => one !== id) : [...old, id])),
    [setIds],
  );
  const add = useCallback((more: readonly string[]) => void setIds((old) => [...new Set([...old, ...more])]), [setIds]);
  const choose = useCallback((next: readonly string[]) => void setIds(next.length > 0 ? [...next] : null), [setIds]);
  return { selected, toggle, add, choose };
}
