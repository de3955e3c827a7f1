import type { MessageOut } from "@/lib/api/generated/types.gen";

/** Models that were asked and of which no word is kept. */
export function silentOf(question: MessageOut, messages: readonly MessageOut[]): string[] {
  const said = new Set(messages.filter(({ position }) => position === question.position + 1).map(({ model }) => model));
  return (question.asked ?? []).filter((model) => !said.has(model));
}
