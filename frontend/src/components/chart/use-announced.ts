import { useCallback, useEffect, useRef, useState } from "react";

const EVERY_MS = 600;

/** Words for a live region, no more often than they can be read aloud: the last ones win. */
export function useAnnounced(everyMs = EVERY_MS): [string, (words: string) => void] {
  const [words, setWords] = useState("");
  const waiting = useRef<ReturnType<typeof setTimeout>>(undefined);
  const next = useRef("");
  useEffect(() => () => clearTimeout(waiting.current), []);
  const announce = useCallback(
    (said: string) => {
      next.current = said;
      waiting.current ??= setTimeout(() => {
        waiting.current = undefined;
        setWords(next.current);
      }, everyMs);
    },
    [everyMs],
  );
  return [words, announce];
}
