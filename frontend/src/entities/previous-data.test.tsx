import { QueryClientProvider, useQuery } from "@tanstack/react-query";
import { act, cleanup, renderHook, type RenderHookResult, waitFor } from "@testing-library/react";
import type { ReactNode } from "react";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { useFound } from "@/components/layout/palette-results";
import { makeQueryClient } from "@/lib/api/query-client";
import { sharedAfter } from "@/lib/api/sharing";
import { NO_CLOCK, sampleJob } from "@/lib/live/samples";

import { useChatSessions } from "./chat/queries";
import { useFirstLinesPreview } from "./dataset/previews";
import { useDatasetRows, useDatasets, useDatasetTokens, useTokenLengths, useUploadPreview } from "./dataset/queries";
import { useForecast } from "./forecast/use-forecast";
import { useJobMetrics } from "./job/use-job-metrics";
import { useJobs } from "./job/use-jobs";
import { useHubSearch } from "./model/hub-search";
import { useBaseModels, useDeployments } from "./model/queries";
import { usePresets } from "./recipe/presets";

interface Looked {
  data: unknown;
  isPlaceholderData: boolean;
}

/** A hook, asked for one thing or for the next. Its arguments are made anew at every drawing, as pages make them. */
type Use = (isNext: boolean) => Looked;

const FILE = new File(["{}"], "rows.jsonl");
const CHAT = { kind: "text.chat" } as const;
const KEEPING: Record<string, Use> = {
  useJobs: (isNext) => useJobs(isNext ? { recipe: ["text_lora"], q: "f" } : { recipe: ["text_lora"] }),
  useDatasets: (isNext) => useDatasets(isNext ? { q: "f" } : {}),
  useDatasetRows: (isNext) => useDatasetRows("d", isNext ? 50 : 0),
  useDatasetTokens: (isNext) => useDatasetTokens("d", "b", { offset: isNext ? 10 : 0 }),
  useTokenLengths: (isNext) => useTokenLengths("d", "b", isNext ? 64 : undefined),
  useUploadPreview: (isNext) => useUploadPreview("u", isNext ? { ...CHAT } : {}),
  useFirstLinesPreview: (isNext) => useFirstLinesPreview(FILE, isNext ? { ...CHAT } : {}, true),
  useForecast: (isNext) => useForecast({ config: { rank: isNext ? 8 : 4 } }),
  usePresets: (isNext) => usePresets("r", isNext ? 8 : 4),
  useHubSearch: (isNext) => useHubSearch(isNext ? { q: "f" } : {}),
  useFound: (isNext) => useFound(isNext ? "faq" : "f"),
  useJobMetrics: (isNext) => useJobMetrics("j", { width: 800, firstStep: isNext ? 3 : 0 }, false),
};
const LISTS: Record<string, Use> = {
  useJobs: () => useJobs({ q: "f" }),
  useDatasets: () => useDatasets({ q: "f" }),
  useBaseModels: () => useBaseModels(),
  useDeployments: () => useDeployments({ name: "f" }),
  useChatSessions: () => useChatSessions(),
};
const MOST_DRAWINGS = 12;

/** Of every kind that these hooks read, whatever is asked for. */
const ROWS = { series: {}, clock: NO_CLOCK, head_seq: 4, data: [sampleJob({ state: "completed", head_seq: 4, latest_metrics: { "train/loss": { step: 4, value: 0.5 } } })], next: null };

let answers: ((response: Response) => void)[];
let drawings = 0;

/** Answers what has been asked; what is asked later waits for the next call. */
async function answer(): Promise<void> {
  await waitFor(() => expect(answers.length).toBeGreaterThan(0));
  await act(async () => {
    for (const give of answers.splice(0)) give(Response.json(ROWS));
  });
}

/** The hook in a page of its own. Drawn again with `true`, it is asked for the next. */
function show(useIt: Use): RenderHookResult<Looked, boolean> {
  const client = makeQueryClient();
  const wrapper = ({ children }: { children: ReactNode }) => <QueryClientProvider client={client}>{children}</QueryClientProvider>;
  const useCounted: Use = (isNext) => {
    drawings += 1;
    return useIt(isNext);
  };
  return renderHook(useCounted, { initialProps: false, wrapper });
}

/** What is not the very same as before, of all that a hook gives. */
function changed(before: Looked, after: Looked): string[] {
  const known = new Map(Object.entries(before));
  return Object.entries(after).flatMap(([name, value]) => (Object.is(known.get(name), value) ? [] : [name]));
}

beforeEach(() => {
  [answers, drawings] = [[], 0];
  vi.stubGlobal("fetch", () => new Promise<Response>((resolve) => answers.push(resolve)));
});
afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

describe("what stays while the next is asked for", () => {
  it.each(Object.entries(KEEPING))("%s: the very same data, in a few drawings", async (_, useIt) => {
    const { result, rerender } = show(useIt);
    await answer();
    await waitFor(() => expect(result.current.data).toBeDefined());
    const known = result.current;
    rerender(true);
    await waitFor(() => expect(answers.length).toBeGreaterThan(0)); // asked for, and on its way
    await waitFor(() => expect(result.current.isPlaceholderData).toBe(true));
    expect(result.current.data).toBe(known.data);
    expect(drawings).toBeLessThanOrEqual(MOST_DRAWINGS);
    const waiting = result.current;
    rerender(true);
    expect(changed(waiting, result.current)).toEqual([]);
    await answer();
    await waitFor(() => expect(result.current.isPlaceholderData).toBe(false));
    expect(drawings).toBeLessThanOrEqual(2 * MOST_DRAWINGS);
  });

  it("is the same even where an answer is merged into what was cached", async () => {
    const useMerged: Use = (isNext) =>
      useQuery({
        queryKey: [isNext],
        queryFn: async () => (await (await fetch("/")).json()) as { data: unknown[] },
        placeholderData: (old) => old,
        structuralSharing: sharedAfter<{ data: unknown[] }>((_, fetched) => ({ data: [...fetched.data] })),
      });
    const { result, rerender } = show(useMerged);
    await answer();
    await waitFor(() => expect(result.current.data).toBeDefined());
    const { data } = result.current;
    rerender(true);
    await waitFor(() => expect(result.current.isPlaceholderData).toBe(true));
    expect(result.current.data).toBe(data);
    expect(drawings).toBeLessThanOrEqual(MOST_DRAWINGS);
  });

  it("is seen to for every hook that keeps what was there", () => {
    const sources = import.meta.glob<string>(["../**/*.ts", "../**/*.tsx", "!../**/*.test.*"], { query: "?raw", import: "default", eager: true });
    const keeping = Object.values(sources).flatMap((text) =>
      text.split(/^export function /m).flatMap((part) => (part.includes("placeholderData") && /^use\w+/.exec(part)?.[0]) || []),
    );
    expect(keeping.toSorted()).toEqual(Object.keys(KEEPING).toSorted());
  });
});

describe("the rows of a list", () => {
  it.each(Object.entries(LISTS))("%s: the same array from drawing to drawing", async (_, useIt) => {
    const { result, rerender } = show(useIt);
    await answer();
    await waitFor(() => expect(result.current.data).toBeDefined());
    const before = result.current;
    rerender(false);
    expect(changed(before, result.current)).toEqual([]);
  });
});
