/** What may mean something in Markdown: marks anywhere, addresses, and how lines of lists, headings and code begin. */
const MARKS = /[`*_~[\]<>|&\\#@]|https?:|www\.|^[ \t]*(?:[-+]|\d{1,9}[.)])(?:\s|$)|^ {0,3}(?:=+|-+)[ \t]*$|^(?: {4}|\t)/im;

/** The paragraphs of a text that says the same as Markdown and as it stands; null where it might not. */
export function plainParagraphs(text: string): string[] | null {
  if (MARKS.test(text)) return null;
  return text.split(/\n[ \t]*(?:\n[ \t]*)+/).map((one) => one.trim().replaceAll(/[ \t]*\n[ \t]*/g, "\n")).filter((one) => one !== "");
}
