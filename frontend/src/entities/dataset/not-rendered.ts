const PARTS = ["reasoning", "tool_calls", "tools"] as const;

type Part = (typeof PARTS)[number];

/** What a row holds and the template leaves out, in words; an unknown name as it is. */
export function notRenderedText(t: (part: Part) => string, part: string): string {
  const known = PARTS.find((one) => one === part);
  return known ? t(known) : part;
}
