import { useCallback, useSyncExternalStore } from "react";

const listeners = new Set<() => void>();
const memory = new Map<string, string>(); // where the browser keeps nothing

/** A text that outlives a reload of this tab. An empty one is forgotten. */
export function useStoredText(key: string): readonly [text: string, setText: (text: string) => void] {
  const text = useSyncExternalStore(
    subscribe,
    () => readStored(key),
    () => "",
  );
  const setText = useCallback((next: string) => writeStored(key, next), [key]);
  return [text, setText];
}

export function readStored(key: string): string {
  try {
    return sessionStorage.getItem(key) ?? memory.get(key) ?? "";
  } catch {
    return memory.get(key) ?? "";
  }
}

export function writeStored(key: string, text: string): void {
  memory.delete(key);
  try {
    if (text) sessionStorage.setItem(key, text);
    else sessionStorage.removeItem(key);
  } catch {
    if (text) memory.set(key, text);
  }
  for (const listener of [...listeners]) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
