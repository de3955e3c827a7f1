import { QueryClientProvider } from "@tanstack/react-query";
import { cleanup, fireEvent, render, screen } from "@testing-library/react";
import { NextIntlClientProvider } from "next-intl";
import { afterEach, describe, expect, it, vi } from "vitest";

import { makeQueryClient } from "@/lib/api/query-client";

import { en } from "../../../messages/en";
import { type Choice, EVERY_TRAINING } from "./filters";
import { TrainingEmpty } from "./training-empty";

const [onChange, onClear] = [vi.fn(), vi.fn()];

async function show(choice: Choice): Promise<string[]> {
  const client = makeQueryClient();
  client.setDefaultOptions({ queries: { enabled: false } });
  render(
    <QueryClientProvider client={client}>
      <NextIntlClientProvider locale="en" messages={en} timeZone="UTC">
        <TrainingEmpty choice={choice} onChange={onChange} onClear={onClear} />
      </NextIntlClientProvider>
    </QueryClientProvider>,
  );
  return (await screen.findAllByRole("button")).map((button) => button.textContent ?? "");
}

afterEach(() => {
  cleanup();
  vi.clearAllMocks();
});

describe("a list without a match", () => {
  it("names each filter, and drops that one alone", async () => {
    const words = await show({ state: "failed", kind: "text_lora", q: " faq ", tag: "" });
    expect(words).toEqual(["Clear the search “faq”", "Remove state “Failed”", "Remove kind “text_lora”", "Clear all"]);
    for (const word of words) fireEvent.click(screen.getByRole("button", { name: word }));
    expect(onChange.mock.calls).toEqual([[{ q: "" }], [{ state: "all" }], [{ kind: "training" }]]);
    expect(onClear).toHaveBeenCalledOnce();
  });

  it("offers one way out of one filter", async () => {
    expect(await show({ ...EVERY_TRAINING, state: "cancelled" })).toEqual(["Remove state “Cancelled”"]);
  });
});
