import { useCallback, useMemo, useState } from "react";

/** The chosen rows of a table, by id. */
export function useChosen() {
  const [ids, setIds] = useState<readonly string[]>([]);
  const chosen = useMemo(() => new Set(ids), [ids]);
  const toggle = useCallback((id: string) => setIds((old) => (old.includes(id) ? old.filter((one) => one !== id) : [...old, id])), []);
  const add = useCallback((more: readonly string[]) => setIds((old) => [...new Set([...old, ...more])]), []);
  return { chosen, toggle, add, choose: setIds };
}
