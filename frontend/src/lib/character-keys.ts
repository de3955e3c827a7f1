import { useSyncExternalStore } from "react";

const PLACE = "llmlora_character_keys";
const OFF = "off";
const CHANGED = "llmlora:character-keys";

/** Whether shortcuts of single characters work; kept in this browser. */
export function areCharacterKeysOn(): boolean {
  try {
    return localStorage.getItem(PLACE) !== OFF;
  } catch {
    return true; // a browser that keeps nothing
  }
}

export function setCharacterKeys(on: boolean): void {
  try {
    if (on) localStorage.removeItem(PLACE);
    else localStorage.setItem(PLACE, OFF);
  } finally {
    window.dispatchEvent(new Event(CHANGED));
  }
}

export function useCharacterKeys(): boolean {
  return useSyncExternalStore(watch, areCharacterKeysOn, () => true);
}

function watch(tell: () => void): () => void {
  const places = [CHANGED, "storage"];
  for (const one of places) window.addEventListener(one, tell);
  return () => places.forEach((one) => window.removeEventListener(one, tell));
}
