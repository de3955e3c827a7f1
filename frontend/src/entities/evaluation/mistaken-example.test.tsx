import { cleanup, render, screen } from "@testing-library/react";
import { NextIntlClientProvider } from "next-intl";
import { afterEach, describe, expect, it } from "vitest";

import { ja } from "../../../messages/ja";
import { MistakenExample } from "./mistaken-example";

afterEach(cleanup);

function shown(example: Record<string, unknown>) {
  render(
    <NextIntlClientProvider locale="ja" messages={ja}>
      <MistakenExample kind="text.classify" example={example} />
    </NextIntlClientProvider>,
  );
}

describe("MistakenExample", () => {
  it("shows the words alone where a row has one text", () => {
    shown({ text: "返品したい", labels: ["返品"] });
    expect(screen.getByText("返品したい").tagName).toBe("P");
  });

  it("shows every text of a row by its field, in the row's order", () => {
    shown({ title: "短い題", text: "とても長い本文です。", empty: "", labels: ["返品"] });
    expect(screen.getAllByRole("definition").map((one) => one.textContent)).toEqual(["短い題", "とても長い本文です。"]);
    expect(screen.getAllByRole("term").map((one) => one.textContent)).toEqual(["title", ja.datasets.fields.text]);
  });
});
