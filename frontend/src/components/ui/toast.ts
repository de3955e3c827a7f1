import type { ReactNode } from "react";
import { create } from "zustand";

interface Notice {
  description?: ReactNode;
  /** One button in the notice, such as undo. */
  action?: { label: string; onClick: () => void };
  /** How long it stays; errors stay until they are closed. */
  durationMs?: number;
  id?: string;
}

type Tone = "success" | "info" | "warning" | "error";

/** Whether there has been a notice: the place for them comes with the first, not with the page. */
export const useHasNotices = create<boolean>(() => false);

const place = waitFor();
export const placeIsThere = place.arrived;

function show(tone: Tone, title: ReactNode, { durationMs, ...notice }: Notice = {}): void {
  const duration = durationMs ?? (tone === "error" ? Infinity : undefined);
  useHasNotices.setState(true, true);
  void Promise.all([import("sonner"), place.arrival]).then(([{ toast }]) => toast[tone](title, { ...notice, duration }));
}

function waitFor(): { arrival: Promise<void>; arrived: () => void } {
  let arrived: () => void = () => undefined;
  const arrival = new Promise<void>((resolve) => (arrived = resolve));
  return { arrival, arrived };
}

/** A word in the corner about what just happened. */
export const notify = {
  good: (title: ReactNode, notice?: Notice) => show("success", title, notice),
  info: (title: ReactNode, notice?: Notice) => show("info", title, notice),
  caution: (title: ReactNode, notice?: Notice) => show("warning", title, notice),
  bad: (title: ReactNode, notice?: Notice) => show("error", title, notice),
};
