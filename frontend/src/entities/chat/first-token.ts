import { useSyncExternalStore } from "react";

const KEY = "llmlora.chat.first-token";
const KEPT = 200;

const listeners = new Set<() => void>();
let known: Record<string, number> | null = null;

/** The API keeps no time to the first token: this tab does, by the answer's id. */
export function keepFirstToken(messageId: string, ms: number | null): void {
  if (ms === null) return;
  const entries = [...Object.entries(read()), [messageId, Math.round(ms)] as const].slice(-KEPT);
  known = Object.fromEntries(entries);
  try {
    sessionStorage.setItem(KEY, JSON.stringify(known));
  } catch {
    // Full or forbidden: it is still known until the page goes.
  }
  for (const listener of [...listeners]) listener();
}

/** How long an answer's first token took, in milliseconds, where this tab saw it. */
export function useFirstToken(messageId: string | undefined): number | null {
  return useSyncExternalStore(
    subscribe,
    () => (messageId === undefined ? null : (read()[messageId] ?? null)),
    () => null,
  );
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

function read(): Record<string, number> {
  if (known) return known;
  try {
    const kept: unknown = JSON.parse(sessionStorage.getItem(KEY) ?? "{}");
    known = typeof kept === "object" && kept !== null ? (kept as Record<string, number>) : {};
  } catch {
    known = {};
  }
  return known;
}
