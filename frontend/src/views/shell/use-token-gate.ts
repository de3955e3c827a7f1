"use client";

import { useEffect, useRef, useState } from "react";

import { onUnauthorized } from "@/lib/api/unauthorized";

type Gate = "open" | "asking" | "put-off";

/** Answers to what was asked before the token was shown may still be on their way. */
const LATE_ANSWERS_MS = 3000;

/** Whether the API wants a token. It is asked for once; put off, it is asked for again only where a person wants it. */
export function useTokenGate() {
  const [gate, setGate] = useState<Gate>("open");
  const unlockedAt = useRef(Number.NEGATIVE_INFINITY);
  useEffect(
    () =>
      onUnauthorized(() => {
        if (performance.now() - unlockedAt.current < LATE_ANSWERS_MS) return;
        setGate((before) => (before === "open" ? "asking" : before));
      }),
    [],
  );
  return {
    isLocked: gate !== "open",
    isOpen: gate === "asking",
    open: () => setGate("asking"),
    close: () => setGate("put-off"),
    unlocked: () => {
      unlockedAt.current = performance.now();
      setGate("open");
    },
  };
}
