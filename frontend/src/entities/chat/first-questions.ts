import type { Example } from "@/entities/dataset/example";

const SHOWN = 4;
const LONGEST = 120;

/** The first questions of a data set's rows that are short enough to stand on a button, each once. */
export function firstQuestions(rows: readonly Example[], count = SHOWN): string[] {
  const questions = rows
    .map((row) => (row.messages?.find((message) => message.role === "user")?.content ?? row.prompt ?? "").trim())
    .filter((question) => question !== "" && question.length <= LONGEST);
  return [...new Set(questions)].slice(0, count);
}
