import { describe, expect, test } from "vitest";

import { en } from "../../../messages/en";
import { ja } from "../../../messages/ja";

type Tree = { [key: string]: string | Tree };

function leavesOf(tree: Tree, path = ""): Map<string, string> {
  const leaves = new Map<string, string>();
  for (const [key, value] of Object.entries(tree)) {
    const here = path ? `${path}.${key}` : key;
    if (typeof value === "string") leaves.set(here, value);
    else for (const [name, text] of leavesOf(value, here)) leaves.set(name, text);
  }
  return leaves;
}

/** Names of ICU arguments and tags of a message. */
function slotsOf(message: string): string[] {
  const names = [...message.matchAll(/\{(\w+)(?=[,}])|<(\w+)>/g)].map((match) => match[1] ?? match[2] ?? "");
  return [...new Set(names)].sort();
}

describe("messages", () => {
  const japanese = leavesOf(ja);
  const english = leavesOf(en);

  test("both languages say the same things", () => {
    expect([...english.keys()].sort()).toEqual([...japanese.keys()].sort());
  });

  test("no message is empty", () => {
    const empty = [...japanese, ...english].filter(([, text]) => text.trim() === "");
    expect(empty).toEqual([]);
  });

  test("both languages take the same arguments", () => {
    const different = [...japanese].filter(([key, text]) => slotsOf(text).join() !== slotsOf(english.get(key) ?? "").join());
    expect(different.map(([key]) => key)).toEqual([]);
  });
});
