import type { Example } from "@/entities/dataset/example";

/** What the model is asked in a row: the last words of the user, or the beginning of the text. */
export function promptOf(example: Example): string {
  if (example.completion != null) return example.prompt ?? "";
  const turns = example.messages ?? [];
  const asked = turns.filter(({ role }) => role === "user");
  return (asked.at(0) ?? turns.at(0))?.content ?? example.prompt ?? "";
}

/** What it should say. */
export function answerOf(example: Example): string {
  if (example.chosen != null) return example.chosen;
  if (example.completion != null) return example.completion;
  return (example.messages ?? []).findLast(({ role }) => role === "assistant")?.content ?? "";
}

/** How many turns the row has beyond one question and one answer. */
export function furtherTurns(example: Example): number {
  const turns = (example.messages ?? []).filter(({ role }) => role !== "system").length;
  return Math.max(0, turns - (example.chosen != null ? 1 : 2));
}

/** One line of a text, for cells. */
export function oneLine(text: string): string {
  return text.slice(0, 600).replace(/\s+/g, " ").trim();
}
