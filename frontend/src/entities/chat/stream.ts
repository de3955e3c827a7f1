import { apiFetch, apiUrl } from "@/lib/api/client";
import type { DeltaEvent, DoneEvent, QuestionAgainIn, QuestionIn } from "@/lib/api/generated/types.gen";
import { readServerSentEvents } from "@/lib/api/sse";
import { asProblem, BROKEN_STREAM, isAbort, ProblemError, problemFrom } from "@/lib/problem";

/** One event of the answers to a question; `done` or `error` comes once a model. */
export type AnswerEvent =
  | ({ type: "delta" } & DeltaEvent)
  | ({ type: "done" } & DoneEvent)
  | { type: "error"; model: string; problem: ProblemError };

/** A new question, or an earlier one (by its position) asked again. */
export type Asked =
  | { sessionId: string; position?: undefined; question: QuestionIn }
  | { sessionId: string; position: number; question: QuestionAgainIn };

/**
 * Ask, and read the answers as they come. Aborting stops the models; what they had said is kept by the API.
 *
 * @throws ProblemError when it is refused, or (code `broken_stream`) when the connection breaks; AbortError.
 */
export async function* streamAnswers(asked: Asked, signal: AbortSignal, fetch = apiFetch): AsyncGenerator<AnswerEvent> {
  const messages = `${apiUrl()}/api/chat/sessions/${encodeURIComponent(asked.sessionId)}/messages`;
  const again = asked.position !== undefined;
  const response = await fetch(again ? `${messages}/${asked.position}` : messages, {
    method: again ? "PUT" : "POST",
    headers: { "content-type": "application/json", accept: "text/event-stream" },
    body: JSON.stringify(asked.question),
    signal,
  });
  if (!response.body) throw new ProblemError(BROKEN_STREAM);
  let hasEnded = false;
  try {
    for await (const { event, data } of readServerSentEvents(response.body)) {
      const answer = answerOf(event, data);
      if (answer?.type === "done" || answer?.type === "error") hasEnded = true;
      if (answer) yield answer;
    }
  } catch (error) {
    if (signal.aborted || isAbort(error) || error instanceof ProblemError) throw error;
    throw new ProblemError(BROKEN_STREAM, { cause: asProblem(error) });
  }
  if (!hasEnded) throw new ProblemError(BROKEN_STREAM);
}

function answerOf(event: string, data: string): AnswerEvent | null {
  if (event === "delta") return { type: event, ...(JSON.parse(data) as DeltaEvent) };
  if (event === "done") return { type: event, ...(JSON.parse(data) as DoneEvent) };
  if (event !== "error") return null;
  const { model, problem } = JSON.parse(data) as { model: string; problem: unknown };
  return { type: event, model, problem: problemFrom(problem) };
}
