import { PASTED } from "@/entities/dataset/pasted-file";

/** Pasted text as a file of its own name; its format is told by what it begins with. */
export function fileOfText(text: string, name: string, now: Date): File {
  const two = (value: number) => String(value).padStart(2, "0");
  const moment = `${two(now.getMonth() + 1)}${two(now.getDate())}-${two(now.getHours())}${two(now.getMinutes())}${two(now.getSeconds())}`;
  return new File([text.endsWith("\n") ? text : `${text}\n`], `${name}-${moment}.${endingOf(text)}`, {
    type: PASTED,
    lastModified: now.getTime(),
  });
}

function endingOf(text: string): string {
  const begin = text.trimStart();
  if (begin.startsWith("[")) return "json";
  if (begin.startsWith("{")) return "jsonl";
  const line = /^[^\n]*/.exec(begin)?.[0] ?? "";
  return line.includes("\t") ? "tsv" : "csv";
}
