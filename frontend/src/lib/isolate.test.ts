import { describe, expect, test } from "vitest";

import { closed, isolated } from "./isolate";

describe("isolated", () => {
  test.each([
    ["characters that turn", "\u202egnp.csv", "\u2068\u202egnp.csv\u2069"],
    ["letters from right to left", "שלום.csv", "\u2068שלום.csv\u2069"],
    ["an end of isolation within the name", "a\u2069\u202eb", "\u2068a\u202eb\u2069"],
    ["a beginning that nothing ends", "\u2067a", "\u2068\u2067a\u2069\u2069"],
    ["an isolation within the name", "a\u2067b\u2069c", "\u2068a\u2067b\u2069c\u2069"],
    ["Arabic presentation forms", "ﻼ", "\u2068ﻼ\u2069"],
    ["letters beyond the basic plane", "\u{1e900}", "\u2068\u{1e900}\u2069"],
  ])("%s", (_, name, drawn) => expect(isolated(name)).toBe(drawn));

  test.each(["社内の質問.csv", "か\u3099っこう.csv", "🗾 地図.csv", "<img src=x>.csv", ""])("%s stays as it is", (name) => {
    expect(isolated(name)).toBe(name);
  });
});

describe("closed", () => {
  test("keeps the names within a sentence isolated", () => {
    const sentence = `${isolated("\u202egnp")} の取り込み`;
    expect(closed(sentence)).toBe(sentence);
  });

  test("ends nothing around it, however often a name tries", () => {
    expect(closed("\u2069a\u2069\u2066b\u2069\u2069c\u2068")).toBe("a\u2066b\u2069c\u2068\u2069");
  });
});
