const PARTS = ["reasoning", "tool_calls", "tools"] as const;

type Part = (typeof PARTS)[number];

/** What a row holds and the template leaves out, in words; also what a later API names. */
export function notRenderedText(t: (part: Part | "other") => string, part: string): string {
  return t(PARTS.find((one) => one === part) ?? "other");
}
