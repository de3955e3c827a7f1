import { useQueries } from "@tanstack/react-query";
import { parseAsArrayOf, parseAsString, parseAsStringLiteral, useQueryState } from "nuqs";
import { useCallback, useMemo } from "react";

import { jobDetailOptions } from "@/entities/job/queries";
import { useFollowJobs } from "@/entities/job/use-follow";
import type { JobDetail } from "@/lib/api/generated/types.gen";

import { AXES } from "./axis";
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

/** What of them is shown, kept in the address too. */
export function useCompareView() {
  const [axis, setAxis] = useQueryState("x", parseAsStringLiteral(AXES).withDefault("step"));
  const [hidden, setHidden] = useQueryState("hide", LIST);
  const toggle = useCallback(
    (id: string) => void setHidden((old) => (old.includes(id) ? old.filter((one) => one !== id) : [...old, id])),
    [setHidden],
  );
  return { axis, setAxis, hidden: useMemo(() => new Set(hidden), [hidden]), toggle };
}
