import { act, cleanup, render, screen } from "@testing-library/react";
import { NextIntlClientProvider } from "next-intl";
import { afterEach, expect, it } from "vitest";

import { en } from "../../../messages/en";
import { notify } from "./toast";
import { Toaster } from "./toaster";

afterEach(cleanup);

it.each([
  ["that is as long as names may be", "x".repeat(200)],
  ["that turns the text", "\u2068\u202egnp.csv\u2069"],
  ["under heaps of marks", `e${"\u0301".repeat(60)}`],
])("a notice with a name %s breaks it, and clips what would reach over its edge", async (_, name) => {
  render(
    <NextIntlClientProvider locale="en" messages={en} timeZone="UTC">
      <Toaster />
    </NextIntlClientProvider>,
  );
  await act(async () => {
    notify.bad(`Deleted ${name}.`, { description: name });
    await new Promise((resolve) => setTimeout(resolve, 200));
  });
  const title = await screen.findByText(`Deleted ${name}.`);
  const content = title.closest("[data-content]");
  expect(content?.className).toContain("[overflow-wrap:anywhere]");
  expect(content?.className).toContain("overflow-clip");
  expect(title.closest("[data-sonner-toast]")?.className).toContain("w-(--width)");
  expect(title.className).not.toMatch(/nowrap|truncate/);
});
