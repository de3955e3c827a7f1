import { useQueries } from "@tanstack/react-query";
import { debounce, parseAsArrayOf, parseAsBoolean, parseAsFloat, parseAsString, parseAsStringLiteral, useQueryState, useQueryStates } from "nuqs";
import { useCallback, useMemo } from "react";

import { type ChartSettings, MAX_SMOOTHING } from "@/components/chart/chart-settings";
import { AXES, type Axis } from "@/entities/job/axis";
import { jobDetailOptions } from "@/entities/job/queries";
import { useFollowJobs } from "@/entities/job/use-follow";
import type { JobDetail } from "@/lib/api/generated/types.gen";

import { SHOWN, type Shown } from "./chart-lines";
import { chosenOf, MOST_RUNS } from "./reads";

/** One of the compared runs. `place` keeps its colour and dash whatever is hidden. */
export interface ComparedRun {
  id: string;
  place: number;
  job: JobDetail | null;
  /** Why it is not there. */
  problem: Error | null;
}

const LIST = parseAsArrayOf(parseAsString).withDefault([]);

/** The runs of the address, live; those that are gone say so and leave the others alone. */
export function useCompared() {
  const [given, setIds] = useQueryState("ids", LIST.withOptions({ history: "push" }));
  const ids = useMemo(() => chosenOf(given), [given]);
  const results = useQueries({
    queries: ids.map(jobDetailOptions),
    combine: (all) => all.map(({ data, error }) => ({ job: data ?? null, problem: error })),
  });
  const runs = useMemo<ComparedRun[]>(
    () => ids.map((id, place) => ({ id, place, job: results[place]?.job ?? null, problem: results[place]?.problem ?? null })),
    [ids, results],
  );
  const jobs = useMemo(() => runs.flatMap(({ job }) => job ?? []), [runs]);
  useFollowJobs(jobs);
  const add = useCallback((id: string) => void setIds((old) => [...old, id]), [setIds]);
  const remove = useCallback((id: string) => void setIds((old) => old.filter((one) => one !== id)), [setIds]);
  return { runs, jobs, add, remove, hasTooMany: new Set(given).size > MOST_RUNS };
}

const SMOOTHING = 0.6;
/** How long a hand on the slider is waited for before the address is written. */
const WRITE_AFTER_MS = 300;

/** How the charts of all runs are drawn, kept in the address: whoever gets it sees the same. */
export interface CompareLook extends ChartSettings {
  axis: Axis;
  shown: Shown;
  hidden: ReadonlySet<string>;
}

/** What of them is shown, and how. */
export function useCompareLook() {
  const [given, set] = useQueryStates(
    {
      x: parseAsStringLiteral(AXES).withDefault("step"),
      of: parseAsStringLiteral(SHOWN).withDefault("all"),
      hide: LIST,
      smooth: parseAsFloat.withDefault(SMOOTHING),
      log: parseAsBoolean.withDefault(false),
      clip: parseAsBoolean.withDefault(false),
    },
    { limitUrlUpdates: debounce(WRITE_AFTER_MS) },
  );
  const look = useMemo<CompareLook>(
    () => ({
      axis: given.x,
      shown: given.of,
      hidden: new Set(given.hide),
      smoothing: Math.min(MAX_SMOOTHING, Math.max(0, given.smooth)),
      isLog: given.log,
      isClipped: given.clip,
    }),
    [given],
  );
  const change = useCallback(
    ({ axis, shown, smoothing, isLog, isClipped }: Partial<Omit<CompareLook, "hidden">>) =>
      void set({
        ...(axis !== undefined && { x: axis }),
        ...(shown !== undefined && { of: shown }),
        ...(smoothing !== undefined && { smooth: smoothing }),
        ...(isLog !== undefined && { log: isLog }),
        ...(isClipped !== undefined && { clip: isClipped }),
      }),
    [set],
  );
  const toggle = useCallback(
    (id: string) => void set((old) => ({ hide: old.hide.includes(id) ? old.hide.filter((one) => one !== id) : [...old.hide, id] })),
    [set],
  );
  return { look, change, toggle };
}
