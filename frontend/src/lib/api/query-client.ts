import { QueryClient } from "@tanstack/react-query";

import { ProblemError } from "../problem";

declare module "@tanstack/react-query" {
  interface Register {
    defaultError: ProblemError;
  }
}

const RETRIES = 3;
const STALE_MS = 10_000;
const LONGEST_WAIT_MS = 30_000;

/** Only what passes by itself is asked again: no connection, or 503. */
export function mayRetry(failures: number, error: unknown): boolean {
  return failures < RETRIES && error instanceof ProblemError && error.isPassing;
}

/** As the answer's `Retry-After` says, else 1 s, 2 s, 4 s. */
export function retryDelayMs(failures: number, error: unknown): number {
  const told = error instanceof ProblemError ? error.retryAfterS : null;
  return Math.min(LONGEST_WAIT_MS, told === null ? 1000 * 2 ** failures : told * 1000);
}

/**
 * The cache of server state, one a page load. `networkMode: always`: the API is often on this very machine, which
 * answers whether or not the browser believes that it is online.
 */
export function makeQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: { retry: mayRetry, retryDelay: retryDelayMs, staleTime: STALE_MS, networkMode: "always" },
      mutations: { retry: false, networkMode: "always" },
    },
  });
}
