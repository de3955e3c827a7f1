import type { MessageOut, SessionWithMessagesOut } from "@/lib/api/generated/types.gen";

const KEPT_WITHIN_MS = 15_000;

/** Models that were asked and of which no word is kept. */
export function silentOf(question: MessageOut, messages: readonly MessageOut[]): string[] {
  const said = new Set(messages.filter(({ position }) => position === question.position + 1).map(({ model }) => model));
  return (question.asked ?? []).filter((model) => !said.has(model));
}

/** Whether the last question has just been asked and somebody who was asked has no answer yet. */
export function mayStillBeKept({ messages }: SessionWithMessagesOut, nowMs: number): boolean {
  const question = messages.findLast(({ role }) => role === "user");
  if (!question || nowMs - Date.parse(messages.at(-1)?.created_at ?? "") > KEPT_WITHIN_MS) return false;
  return silentOf(question, messages).length > 0;
}
