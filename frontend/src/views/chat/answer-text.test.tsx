import { cleanup, render, screen } from "@testing-library/react";
import { NextIntlClientProvider } from "next-intl";
import { afterEach, describe, expect, it } from "vitest";

import { en } from "../../../messages/en";
import { AnswerText } from "./answer-text";
import { Markdown } from "./markdown";
import { plainParagraphs } from "./plain";

const show = (text: string, Shown: typeof Markdown) =>
  render(
    <NextIntlClientProvider locale="en" messages={en} timeZone="UTC">
      <Shown text={text} />
    </NextIntlClientProvider>,
  ).container.innerHTML;

afterEach(cleanup);

const PLAIN = [
  "東京です。",
  "日本の首都は、東京です。\n人口は約1,400万人です。",
  "一つ目。\n\n二つ目。\n  \n\n三つ目: 10 - 3 = 7",
  "  行頭の空白 \n   は要らない  ",
  "Yes! It's 3.5% (about half); isn't it?",
  "2024年は\n2.5倍 + 1 でした",
  "",
];
const MARKED = [
  "**太字**", "_x_", "`code`", "~~取消~~", "[x](y)", "a | b\n--|--\n1 | 2", "# 見出し", "- 一", "+ 一", "1. 一", "12) 十二", "> 引用", "見出し\n===", "見出し\n---", "***",
  "    字下げ", "\t字下げ", "<b>", "&amp;", "a\\\nb", "https://a.example", "www.a.example", "a@b.example", "前\n- 後", "前\n\n1.\n",
];

describe("an answer without Markdown", () => {
  it.each(PLAIN)("looks as Markdown would draw it: %j", (text) => {
    expect(plainParagraphs(text)).not.toBeNull();
    const drawn = show(text, ({ text: shown }) => <AnswerText text={shown} isGrowing={false} />);
    cleanup();
    expect(drawn).toBe(show(text, Markdown).replaceAll("</p>\n<p", "</p><p"));
  });
});

describe("an answer with Markdown", () => {
  it.each(MARKED)("is never taken for plain: %j", (text) => {
    expect(plainParagraphs(text)).toBeNull();
  });

  it("is drawn as such", async () => {
    show("**太字**", ({ text }) => <AnswerText text={text} isGrowing />);
    expect((await screen.findByText("太字")).tagName).toBe("STRONG");
  });
});
