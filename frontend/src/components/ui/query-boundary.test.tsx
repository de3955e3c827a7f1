import { cleanup, fireEvent, render, screen } from "@testing-library/react";
import { NextIntlClientProvider } from "next-intl";
import { afterEach, describe, expect, it, vi } from "vitest";

import { ProblemError } from "@/lib/problem";

import { en } from "../../../messages/en";
import { QueryBoundary } from "./query-boundary";

const problem = new ProblemError("refused", { status: 409, detail: "Not now." });
const refetch = vi.fn(async () => undefined);

function show(query: { data?: readonly string[]; error?: Error | null }) {
  render(
    <NextIntlClientProvider locale="en" messages={en} timeZone="UTC">
      <QueryBoundary query={{ data: query.data, error: query.error ?? null, isFetching: false, refetch }} waiting="waiting" isEmpty={query.data?.length === 0} empty="nothing yet">
        {query.data?.join()}
      </QueryBoundary>
    </NextIntlClientProvider>,
  );
  return document.body.textContent ?? "";
}

afterEach(cleanup);

describe("A part of a page that asks for something", () => {
  it.each([
    ["a place for it until it comes", {}, "waiting"],
    ["what came", { data: ["a", "b"] }, "a,b"],
    ["what to do where there is nothing", { data: [] }, "nothing yet"],
  ])("shows %s", (_, query, words) => {
    expect(show(query)).toBe(words);
  });

  it("shows an error beside what was there, never instead of it, and asks again", () => {
    expect(show({ data: ["a"], error: problem })).toMatch(/Not now\..*a$/);
    fireEvent.click(screen.getByRole("button"));
    expect(refetch).toHaveBeenCalledTimes(1);
  });

  it("no longer says that it waits when it has failed", () => {
    const words = show({ error: problem });
    expect(words).toContain("Not now.");
    expect(words).not.toContain("waiting");
  });
});
