import { afterEach, expect, it, vi } from "vitest";

import { apiFetch, apiUrl } from "./client";
import { earlyScript } from "./early";

const JOB = "http://lab.example:9001/api/training/jobs/job_1";

/** Runs the script as a page's head does and returns what was fetched. */
function deliver(pathname: string, answer: (url: string) => Promise<Response> = async (url) => new Response(url)) {
  const location = { protocol: "http:", hostname: "lab.example", pathname };
  const fetch = vi.fn((asked: Request | string, _how?: RequestInit) => answer(typeof asked === "string" ? asked : asked.url));
  vi.stubGlobal("window", { location });
  vi.stubGlobal("document", { documentElement: { lang: "ja" } });
  vi.stubGlobal("fetch", fetch);
  new Function(earlyScript({ apiPort: 9001 }))();
  return fetch;
}

afterEach(() => vi.unstubAllGlobals());

it("asks for what the page shows, with its id, and for what every page shows", () => {
  const fetch = deliver("/training/job_1");
  const urls = fetch.mock.calls.map(([url]) => url);
  expect(urls).toContain(JOB);
  expect(urls).toContain("http://lab.example:9001/api/system");
  expect(urls).not.toContain("http://lab.example:9001/api/chat/models");
  expect(fetch.mock.calls[0]?.[1]).toEqual({ credentials: "include", headers: { "accept-language": "ja" } });
  expect(apiUrl()).toBe("http://lab.example:9001");
});

it("takes a page by its own name before one with an id", () => {
  const urls = deliver("/training/new").mock.calls.map(([url]) => url);
  expect(urls).toContain("http://lab.example:9001/api/models");
  expect(urls.filter((url) => String(url).includes("jobs/new"))).toEqual([]);
});

it("hands each answer out once", async () => {
  const fetch = deliver("/training/job_1");
  const asked = fetch.mock.calls.length;
  expect(await (await apiFetch(JOB)).text()).toBe(JOB);
  expect(fetch).toHaveBeenCalledTimes(asked);
  await apiFetch(JOB);
  expect(fetch).toHaveBeenCalledTimes(asked + 1);
});

it("asks again when there was no answer, and changes nothing by what it had asked", async () => {
  let isUp = false;
  const fetch = deliver("/training/job_1", async () => (isUp ? new Response("now") : Promise.reject(new TypeError("down"))));
  isUp = true;
  expect(await (await apiFetch(JOB)).text()).toBe("now");
  await apiFetch("http://lab.example:9001/api/system", { method: "POST" });
  expect(fetch.mock.lastCall?.[0]).toMatchObject({ method: "POST" });
});

it("cannot be broken out of by a configured address", () => {
  expect(earlyScript({ apiUrl: "http://x/</script>" })).not.toContain("</script>");
});
