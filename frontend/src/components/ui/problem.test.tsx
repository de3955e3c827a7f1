import { cleanup, render, screen } from "@testing-library/react";
import { NextIntlClientProvider } from "next-intl";
import type { ReactNode } from "react";
import { afterEach, expect, it } from "vitest";

import { ApiAddress } from "@/lib/api/address";
import { problemFrom, ProblemError } from "@/lib/problem";
import { en } from "../../../messages/en";
import { ja } from "../../../messages/ja";
import { ProblemNote, ProblemState } from "./problem";

afterEach(cleanup);

const FULL = { type: "/manual/ja/troubleshooting/disk-full.html", status: 503, code: "disk_full", detail: "ディスクの空きが足りません。" };
const UNKNOWN = { type: "/manual/ja/reference/errors.html#name_fixed", status: 409, code: "name_fixed", detail: "変更できません。" };

function show(child: ReactNode, locale: "ja" | "en" = "ja"): void {
  render(
    <NextIntlClientProvider locale={locale} messages={locale === "ja" ? ja : en} timeZone="UTC">
      <ApiAddress url="http://127.0.0.1:8000">{child}</ApiAddress>
    </NextIntlClientProvider>,
  );
}

it("leads from a problem to the page that its type names", async () => {
  show(<ProblemState problem={problemFrom(FULL)} />);
  expect((await screen.findByRole("link", { name: "対処法" })).getAttribute("href")).toMatch(/\/manual\/ja\/troubleshooting\/disk-full\.html$/);
});

it("calls the link as the reader's language does", async () => {
  show(<ProblemState problem={problemFrom(FULL)} />, "en");
  expect((await screen.findByRole("link", { name: "How to fix" }))).toBeTruthy();
});

it("leads from a line beside a control only where a page treats the fault", () => {
  show(<ProblemNote problem={problemFrom(FULL)} />);
  expect(screen.queryAllByRole("link")).toHaveLength(1);
  cleanup();
  show(<ProblemNote problem={problemFrom(UNKNOWN)} />);
  expect(screen.queryAllByRole("link")).toHaveLength(0);
});

it("names no page for what no server has said, or what names another place", () => {
  show(<ProblemState problem={new ProblemError("network")} />);
  show(<ProblemState problem={problemFrom({ ...FULL, type: "https://elsewhere.example/x" })} />);
  expect(screen.queryAllByRole("link")).toHaveLength(0);
});
