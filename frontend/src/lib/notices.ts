import { useSyncExternalStore } from "react";

/** Whether this browser is to tell when a job ends: what a person has chosen, and what the browser allows. */
export type Notices = "off" | "on" | "denied" | "unsupported";

const KEY = "llmlora_notices";
const listeners = new Set<() => void>();

function now(): Notices {
  if (typeof Notification === "undefined") return "unsupported";
  if (Notification.permission === "denied") return "denied";
  return Notification.permission === "granted" && localStorage.getItem(KEY) === "on" ? "on" : "off";
}

export function useNotices(): Notices {
  return useSyncExternalStore(watch, now, () => "off");
}

/** Asks the browser, which only a click may do; what has come of it. */
export async function turnNoticesOn(): Promise<Notices> {
  if (typeof Notification === "undefined") return "unsupported";
  const answer = await Notification.requestPermission();
  if (answer === "granted") localStorage.setItem(KEY, "on");
  tell();
  return now();
}

export function turnNoticesOff(): void {
  localStorage.removeItem(KEY);
  tell();
}

function tell(): void {
  for (const listener of listeners) listener();
}

function watch(listener: () => void): () => void {
  listeners.add(listener);
  // Another tab of this browser has chosen.
  window.addEventListener("storage", listener);
  return () => {
    listeners.delete(listener);
    window.removeEventListener("storage", listener);
  };
}
