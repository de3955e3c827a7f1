import { useSyncExternalStore } from "react";

const NARROW = "(width < 48rem)";

function watch(onChange: () => void): () => void {
  const query = window.matchMedia(NARROW);
  query.addEventListener("change", onChange);
  return () => query.removeEventListener("change", onChange);
}

/** Whether rows have to be cards: a phone. Null while nobody knows: in a page as the server draws it. */
export function useNarrow(): boolean | null {
  return useSyncExternalStore(
    watch,
    () => window.matchMedia(NARROW).matches,
    () => null,
  );
}
