import { dehydrate, HydrationBoundary, QueryClient } from "@tanstack/react-query";
import { setTimeout } from "node:timers/promises";
import type { ReactNode } from "react";

import type { Reads } from "@/lib/api/reads";
import { askForVisitors, isWholePage } from "@/lib/api/server";
import { isolated } from "@/lib/isolate";

/** A page is not kept waiting for longer: its own requests then show what is wrong. */
const PATIENCE_MS = 3000;

askForVisitors();

/**
 * What arrives with the API's answers in it: the server asks what its parts would ask first, and draws them. What it
 * does not get, they ask for themselves. A query that stands further out has to be read there: what exists already is
 * not filled while the page is drawn.
 */
export async function FirstAnswers({ reads, children }: { reads: Reads; children: ReactNode }) {
  const client = new QueryClient({ defaultOptions: { queries: { staleTime: Number.POSITIVE_INFINITY } } });
  if (await isWholePage()) await Promise.race([Promise.allSettled(reads(client)), setTimeout(PATIENCE_MS)]);
  return <HydrationBoundary state={dehydrate(client)}>{children}</HydrationBoundary>;
}

/** The name of what a whole page is about, for its title; null where the API does not tell it in time: the page then does. */
export async function nameFor(ask: (client: QueryClient) => Promise<{ name: string }>): Promise<string | null> {
  if (!(await isWholePage())) return null;
  const told = ask(new QueryClient()).then(({ name }) => isolated(name), () => null);
  return Promise.race([told, setTimeout(PATIENCE_MS, null)]);
}
