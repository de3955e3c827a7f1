import type { PredictionOut } from "@/lib/api/generated/types.gen";

/** A question that was asked, and what was said. */
export interface Asked {
  id: string;
  deploymentId: string;
  draft: string;
  answer: PredictionOut;
}

const MOST_KEPT = 20;

/** The questions of this tab, the newest first; what nobody can read is none. */
export function readHistory(text: string): Asked[] {
  if (!text) return [];
  try {
    const found: unknown = JSON.parse(text);
    return Array.isArray(found) ? found.filter(isAsked) : [];
  } catch {
    return [];
  }
}

/** With one more; the oldest go. */
export function withAsked(history: readonly Asked[], asked: Asked): string {
  return JSON.stringify([asked, ...history].slice(0, MOST_KEPT));
}

function isAsked(one: unknown): one is Asked {
  return typeof one === "object" && one !== null && "answer" in one && "draft" in one && "id" in one && "deploymentId" in one;
}
