import compile from "icu-minify/compile";
import { describe, expect, test } from "vitest";

import { isolated } from "@/lib/isolate";

import { en } from "../../../messages/en";
import { ja } from "../../../messages/ja";
import formatMessage from "./format-message";

const formatters = {
  getDateTimeFormat: (...given: ConstructorParameters<typeof Intl.DateTimeFormat>) => new Intl.DateTimeFormat(...given),
  getNumberFormat: (...given: ConstructorParameters<typeof Intl.NumberFormat>) => new Intl.NumberFormat(...given),
  getPluralRules: (...given: ConstructorParameters<typeof Intl.PluralRules>) => new Intl.PluralRules(...given),
};

function format(message: string, values: Record<string, unknown>): unknown {
  const options = { locale: "ja", formatters, cache: {} } as unknown as Parameters<typeof formatMessage>[3];
  return formatMessage("any", compile(message), values as Parameters<typeof formatMessage>[2], options);
}

describe("what is filled into a message", () => {
  test("turns nothing of the sentence", () => {
    expect(format("「{name}」を削除しました", { name: "\u202egnp.csv" })).toBe("「\u2068\u202egnp.csv\u2069」を削除しました");
  });

  test("is otherwise written as it is", () => {
    expect(format("{name} の操作", { name: "社内の質問.csv" })).toBe("社内の質問.csv の操作");
    expect(format("{count, plural, other {# 件}}", { count: 1200 })).toBe("1,200 件");
    expect(format("{kind, select, a {甲} other {乙}}", { kind: "a" })).toBe("甲");
  });

  test("keeps what tags draw", () => {
    const drawn = { drawn: true };
    expect(format("<mark>字</mark>", { mark: () => drawn })).toEqual(drawn);
  });
});

// Case 28 and its kin: one that turns, one that ends isolations, one as long as names may be, one under heaps of marks.
const HOSTILE = ["\u202egnp.csv", "a\u2069\u2069\u202eb", "\u05d0".repeat(200), "x".repeat(200), `e${"\u0301".repeat(60)}`];
type Words = { [key: string]: string | Words };

function messagesOf(words: Words, place = ""): [string, string][] {
  return Object.entries(words).flatMap(([key, value]) =>
    typeof value === "string" ? [[`${place}${key}`, value] as [string, string]] : messagesOf(value, `${place}${key}.`),
  );
}

describe.each([["ja", ja], ["en", en]] as const)("every message in %s that takes a name", (_, all) => {
  const named = messagesOf(all as unknown as Words).filter(([, message]) => /\{(name|title|model)\}/.test(message));

  test("isolates it, whatever it is: notices, labels and questions", () => {
    expect(named.length).toBeGreaterThan(40);
    for (const [place, message] of named) {
      for (const name of HOSTILE) {
        const tags = [...message.matchAll(/<(\w+)>/g)].map(([, tag]) => [tag, (inside: unknown) => inside]);
        const given = [...message.matchAll(/\{(\w+)(, )?/g)].map(([, key = "", isCounted]) => [key, /^(name|title|model)$/.test(key) ? name : isCounted ? 2 : "x"]);
        const said = [format(message, Object.fromEntries([...given, ...tags]))].flat(5).join("");
        expect(said, place).toContain(isolated(name));
      }
    }
  });
});
