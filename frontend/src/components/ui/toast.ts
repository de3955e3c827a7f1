import type { ReactNode } from "react";

interface Notice {
  description?: ReactNode;
  /** One button in the notice, such as undo. */
  action?: { label: string; onClick: () => void };
  /** How long it stays; errors stay until they are closed. */
  durationMs?: number;
  id?: string;
}

type Tone = "success" | "info" | "warning" | "error";

/** The library comes with the first notice, not with the page. */
function show(tone: Tone, title: ReactNode, { durationMs, ...notice }: Notice = {}): void {
  const duration = durationMs ?? (tone === "error" ? Infinity : undefined);
  void import("sonner").then(({ toast }) => toast[tone](title, { ...notice, duration }));
}

/** A word in the corner about what just happened. */
export const notify = {
  good: (title: ReactNode, notice?: Notice) => show("success", title, notice),
  info: (title: ReactNode, notice?: Notice) => show("info", title, notice),
  caution: (title: ReactNode, notice?: Notice) => show("warning", title, notice),
  bad: (title: ReactNode, notice?: Notice) => show("error", title, notice),
};
