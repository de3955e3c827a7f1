import { en } from "../../messages/en";
import { ja } from "../../messages/ja";

type Tree = { readonly [key: string]: string | Tree };

function leavesOf(tree: Tree, path = ""): [string, string][] {
  return Object.entries(tree).flatMap(([key, value]): [string, string][] => {
    const here = path ? `${path}.${key}` : key;
    return typeof value === "string" ? [[here, value]] : leavesOf(value, here);
  });
}

const JAPANESE = leavesOf(ja);
const ENGLISH = new Map(leavesOf(en));
const KEYS = new Set(JAPANESE.map(([key]) => key));
const FEWEST_CHARACTERS = 5;
/** Names that the flows gave, and words that are the same thing in every language. */
const plain = (text: string) => !/[{<]/.test(text) && text.length >= FEWEST_CHARACTERS;
const OF_JAPANESE = JAPANESE.filter(([key, text]) => plain(text) && text !== ENGLISH.get(key) && /[぀-ヿ一-鿿]/.test(text));

/** Message keys that stand where a text should, and on an English page texts in Japanese. */
export function untranslatedIn(text: string, language: "ja" | "en"): string[] {
  const keys = (text.match(/\b[a-z]\w*(?:\.[\w-]+)+/gi) ?? []).filter((word) => KEYS.has(word));
  const lines = new Set(text.split("\n").map((line) => line.trim()));
  const japanese = language === "en" ? OF_JAPANESE.map(([, words]) => words).filter((words) => lines.has(words)) : [];
  return [...keys.map((key) => `raw key ${key}`), ...japanese.map((words) => `in Japanese: ${words}`)];
}
