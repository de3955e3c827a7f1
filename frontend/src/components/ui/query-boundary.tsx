"use client";

import type { ReactNode } from "react";

import { ProblemState } from "./problem";

interface Query {
  data: unknown;
  error: Error | null;
  isFetching: boolean;
  refetch: () => Promise<unknown>;
}

interface QueryBoundaryProps {
  query: Query;
  /** Until there is something to show; null where something else waits. */
  waiting: ReactNode;
  isEmpty?: boolean;
  /** What to do where there is nothing. */
  empty?: ReactNode;
  problemClassName?: string;
  children: ReactNode;
}

/** What a query brings: a place for it at first, and an error beside what was there, never instead of it. */
export function QueryBoundary({ query, waiting, isEmpty, empty, problemClassName, children }: QueryBoundaryProps) {
  const { data, error, isFetching, refetch } = query;
  return (
    <>
      <ProblemState problem={error} onRetry={() => void refetch()} retrying={isFetching} className={problemClassName} />
      {data === undefined ? !error && waiting : isEmpty ? empty : children}
    </>
  );
}
