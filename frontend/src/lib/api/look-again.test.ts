import { InfiniteQueryObserver, QueryClient } from "@tanstack/react-query";
import { afterEach, beforeEach, expect, it } from "vitest";

import { lookAgain, pagesOf, renewedPage } from "./look-again";

interface Job {
  id: string;
  created_at: string;
  state: string;
}

/** An API with jobs, newest first, that counts what it is asked for. */
class Door {
  asked: (string | null)[] = [];
  constructor(public jobs: Job[]) {}
  fetchPage = (after: string | null, limit: number) => {
    this.asked.push(after);
    const rest = after === null ? this.jobs : this.jobs.filter((job) => job.id < after);
    const data = rest.slice(0, limit);
    return Promise.resolve({ data, next: rest.length > limit ? (data[limit - 1]?.id ?? null) : null });
  };
}

const job = (number: number, state = "queued"): Job => ({
  id: `job_${String(number).padStart(4, "0")}`,
  created_at: new Date(Date.UTC(2026, 10, 1) + number * 1000).toISOString(),
  state,
});
const manyJobs = (count: number) => Array.from({ length: count }, (_, place) => job(count - place));
const KEY = ["jobs", "list"];
let client: QueryClient;
let door: Door;
let list: ReturnType<typeof shown>;
let leave: () => void;

function shown(limit: number) {
  return new InfiniteQueryObserver(client, {
    queryKey: KEY,
    queryFn: pagesOf(limit, door.fetchPage),
    initialPageParam: null as string | null,
    getNextPageParam: (page: { data: Job[]; next: string | null }) => page.next,
    staleTime: Infinity,
  });
}

const rows = () => list.getCurrentResult().data?.pages.flatMap((page) => page.data) ?? [];

beforeEach(async () => {
  client = new QueryClient();
  door = new Door(manyJobs(230));
  list = shown(50);
  leave = list.subscribe(() => undefined);
  await list.refetch();
  for (let page = 1; page < 5; page += 1) await list.fetchNextPage();
  door.asked = [];
});
afterEach(() => leave());

it("five loaded pages cost two requests a look, each page in its turn", async () => {
  expect(rows()).toHaveLength(230);
  for (let look = 0; look < 4; look += 1) await lookAgain(client, KEY);
  expect(door.asked).toHaveLength(8);
  expect(new Set(door.asked).size).toBe(5);
});

it("changes on every page are seen within as many looks as there are pages, and nothing is lost or doubled", async () => {
  door.jobs = door.jobs.map((one) => ({ ...one, state: "cancelled" }));
  for (let look = 0; look < 4; look += 1) await lookAgain(client, KEY);
  expect(rows().every((one) => one.state === "cancelled")).toBe(true);
  expect(rows().map((one) => one.id)).toEqual(door.jobs.map((one) => one.id));
});

it.each([1, 7, 49, 60, 120, 400])("%i new jobs come in front, and every old one is still there once", async (added) => {
  door.jobs = [...manyJobs(230 + added)];
  for (let look = 0; look < 3; look += 1) await lookAgain(client, KEY);
  const ids = rows().map((one) => one.id);
  expect(ids).toEqual(door.jobs.slice(0, ids.length).map((one) => one.id));
  expect(ids.length).toBeGreaterThanOrEqual(230);
});

it.each([[0, 10], [20, 80], [100, 230], [0, 230]])("jobs deleted from place %i to %i are gone after a round", async (from, to) => {
  door.jobs = door.jobs.filter((_, place) => place < from || place >= to);
  for (let look = 0; look < 5; look += 1) await lookAgain(client, KEY);
  expect(rows().map((one) => one.id)).toEqual(door.jobs.map((one) => one.id));
});

it("what a person does fetches every page", async () => {
  await client.invalidateQueries({ queryKey: KEY });
  expect(door.asked).toHaveLength(5);
});

it("a page that new rows have pushed out of reach is the answer's", () => {
  const [known, fetched] = [manyJobs(50), manyJobs(300).slice(0, 50)];
  expect(renewedPage({ data: known, next: null }, { data: fetched, next: "x" })).toEqual({ data: fetched, next: "x" });
});
