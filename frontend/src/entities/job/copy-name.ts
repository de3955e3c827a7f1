const LONGEST = 200;

/** What a copy is called, in neither language's grammar: `faq (2)` of `faq`, `faq (3)` of `faq (2)`. */
export function copyName(name: string): string {
  const [, stem, number] = /^(.*?)(?: \((\d{1,6})\))?$/su.exec(name) ?? [];
  const ending = ` (${Number(number ?? 1) + 1})`;
  return [...(stem ?? name)].slice(0, LONGEST - ending.length).join("") + ending;
}
