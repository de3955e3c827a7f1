import type { Page, Request, Response } from "playwright-core";

/** What a page does beside what it shows. */
export interface Activity {
  /** How often so far it asked for a change, downloaded something or wanted a file. */
  count: () => number;
  /** Whether an answer or code is on its way. A stream counts until it begins: it goes on for as long as it likes. */
  isAsking: () => boolean;
  /** What the API refused since it was last asked: the address, and what the answer says. */
  refusals: () => Promise<Refusal[]>;
}

export interface Refusal {
  url: string;
  words: string;
}

const AWAITED = new Set(["fetch", "script", "xhr"]);
/** Asked for every two seconds. */
const TICKING = /\/resources$/;

export function watch(page: Page): Activity {
  let count = 0;
  const open = new Set<Request>();
  const refused: Response[] = [];
  const end = (request: Request) => void open.delete(request);
  page.on("request", (request) => {
    if (request.method() !== "GET") count += 1;
    if (AWAITED.has(request.resourceType()) && !TICKING.test(request.url())) open.add(request);
  });
  page.on("requestfinished", end);
  page.on("requestfailed", end);
  page.on("response", (response) => {
    if (response.headers()["content-type"]?.startsWith("text/event-stream")) end(response.request());
    if (response.status() >= 400 && response.status() < 500) refused.push(response);
  });
  page.on("download", (download) => {
    count += 1;
    void download.cancel();
  });
  page.on("filechooser", () => (count += 1));
  return { count: () => count, isAsking: () => open.size > 0, refusals: () => Promise.all(refused.splice(0).map(refusalOf)) };
}

async function refusalOf(response: Response): Promise<Refusal> {
  const body = (await response.json().catch(() => ({}))) as { detail?: string };
  return { url: response.url(), words: body.detail ?? "" };
}
