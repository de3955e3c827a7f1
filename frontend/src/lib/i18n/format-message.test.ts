import compile from "icu-minify/compile";
import { describe, expect, test } from "vitest";

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
