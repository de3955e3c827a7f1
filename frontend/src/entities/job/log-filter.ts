import type { LogLine } from "@/lib/api/generated/types.gen";

export const LEVELS = ["debug", "info", "warning", "error"] as const;
export type Level = (typeof LEVELS)[number];

/** The lines of at least a level that hold every word of a search, in any case. */
export function filterLog(lines: readonly LogLine[], level: Level, search: string): readonly LogLine[] {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  const lowest = LEVELS.indexOf(level);
  if (lowest === 0 && words.length === 0) return lines;
  return lines.filter((line) => {
    if (LEVELS.indexOf(line.level) < lowest) return false;
    const text = line.message.toLowerCase();
    return words.every((word) => text.includes(word));
  });
}
