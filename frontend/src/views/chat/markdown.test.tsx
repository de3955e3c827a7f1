import { cleanup, render, screen } from "@testing-library/react";
import { NextIntlClientProvider } from "next-intl";
import { afterEach, describe, expect, it } from "vitest";

import { en } from "../../../messages/en";
import { Markdown } from "./markdown";

const show = (text: string) =>
  render(
    <NextIntlClientProvider locale="en" messages={en} timeZone="UTC">
      <Markdown text={text} />
    </NextIntlClientProvider>,
  ).container;

afterEach(cleanup);

describe("Markdown", () => {
  it("never makes elements of a model's HTML", () => {
    const page = show('<img src=x onerror="alert(1)"> <script>alert(1)</script>\n\n<iframe src="https://a.example"></iframe>');
    expect(page.querySelector("img, script, iframe")).toBeNull();
  });

  it("opens links apart, and drops those that run code", () => {
    const page = show("[good](https://a.example) [bad](javascript:alert(1)) ![pixel](https://b.example/p.png)");
    const good = screen.getByRole("link", { name: "good" });
    expect(good.getAttribute("rel")).toContain("noopener");
    expect(page.innerHTML).not.toContain("javascript:");
    expect(page.querySelector("img")).toBeNull();
    expect(screen.getByRole("link", { name: "pixel" }).getAttribute("href")).toBe("https://b.example/p.png");
  });

  it("shows code that can be copied, also while its fence is still open", () => {
    const page = show("```python\nprint(1)");
    expect(page.querySelector("pre code")?.textContent).toBe("print(1)");
    expect(screen.getByRole("button", { name: "Copy" })).toBeTruthy();
  });

  it.each(["**「社内規程」**は", "これは**重要。**です", "**（注）**を読む", "価格は**1,000円（税込）**です"])("emphasises beside Japanese brackets and stops: %s", (text) => {
    const page = show(text);
    expect(page.textContent).not.toMatch(/\*/);
    expect(page.querySelector("strong")).not.toBeNull();
  });

  it("draws tables", () => {
    show("| a | b |\n|---|---|\n| 1 | 2 |");
    expect(screen.getByRole("table").textContent).toContain("1");
  });
});
