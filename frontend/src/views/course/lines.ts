/** A line of a block that tells what to click: `押す: 保存`, `type: Rank = 4`. */
export interface StudioLine {
  /** Its line in the course. */
  line: number;
  word: string;
  /** Of a field: its label; else what the line says. */
  label: string;
  value: string | null;
}

/** The lines of a `studio` block whose code begins at `first`. */
export function studioLines(code: string, first: number): StudioLine[] {
  return code.split("\n").flatMap((text, place): StudioLine[] => {
    const [word, ...rest] = text.split(":");
    const said = rest.join(":").trim();
    if (!word?.trim() || !said) return [];
    const [label = said, ...values] = said.split(" = ");
    return [{ line: first + place, word: word.trim(), label, value: values.length > 0 ? values.join(" = ") : null }];
  });
}

/** The commands of a `console` block, without `$` and without what they print. */
export function commandsOf(code: string): string {
  let goesOn = false;
  const kept = code.split("\n").flatMap((line): string[] => {
    const begins = line.startsWith("$ ");
    if (!begins && !goesOn) return [];
    const command = begins ? line.slice(2) : line;
    goesOn = command.endsWith("\\");
    return [command];
  });
  return kept.join("\n");
}

const COURSE = /^(?:\.\/)?level(\d)_\w+?(\.en)?\.md$/;

/** The course that a link of a course leads to; null where it leads elsewhere. */
export function courseLink(href: string): { level: number; language: "ja" | "en" } | null {
  const found = COURSE.exec(href);
  return found ? { level: Number(found[1]), language: found[2] ? "en" : "ja" } : null;
}
