import type { JobEvent } from "../api/generated/types.gen";
import { type ProblemError, problemFrom } from "../problem";

export type { JobEvent };

/** Events of one job, in order. `over`: no more will ever come. */
export interface Batch {
  events: readonly JobEvent[];
  head_seq: number;
  over: boolean;
}

/** What the API says on the socket. */
export type ServerMessage =
  | ({ type: "events"; job_id: string } & Batch)
  | { type: "ping"; job_id: string; head_seq: number }
  | { type: "error"; job_id: string | null; problem: ProblemError };

/** A text of the socket; null where it is none of the known messages, which later APIs may send. */
export function readMessage(text: unknown): ServerMessage | null {
  if (typeof text !== "string") return null;
  const message = parsed(text);
  if (typeof message !== "object" || message === null) return null;
  const { type, job_id: jobId, head_seq: headSeq, events, over, problem } = message as Record<string, unknown>;
  if (type === "error") {
    return { type, job_id: typeof jobId === "string" ? jobId : null, problem: problemFrom(problem) };
  }
  if (typeof jobId !== "string" || typeof headSeq !== "number") return null;
  if (type === "ping") return { type, job_id: jobId, head_seq: headSeq };
  if (type !== "events" || !Array.isArray(events)) return null;
  return { type, job_id: jobId, head_seq: headSeq, events: events as JobEvent[], over: over === true };
}

export function subscribeMessage(jobId: string, after: number): string {
  return JSON.stringify({ subscribe: jobId, after });
}

export function unsubscribeMessage(jobId: string): string {
  return JSON.stringify({ unsubscribe: jobId });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
