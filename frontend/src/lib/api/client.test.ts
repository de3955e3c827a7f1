import { afterEach, describe, expect, it, vi } from "vitest";

import { ProblemError } from "../problem";
import { apiFetch, apiUrl, socketUrl } from "./client";
import { getDataset } from "./generated/sdk.gen";
import { mayRetry, retryDelayMs } from "./query-client";
import { onUnauthorized } from "./unauthorized";

const answers = (answer: () => Response | Promise<Response>) => {
  const fetch = vi.fn<(request: Request) => Promise<Response>>(async () => answer());
  vi.stubGlobal("fetch", fetch);
  return fetch;
};
const problem = (status: number, headers: Record<string, string> = {}) =>
  new Response(
    JSON.stringify({ status, code: "refused", detail: "直してください", errors: [{ pointer: "/name", detail: "短い" }] }),
    { status, headers: { "content-type": "application/problem+json", "x-request-id": "r1", ...headers } },
  );
const caught = (promise: Promise<unknown>) => promise.then(() => null, (error: unknown) => error as ProblemError);

afterEach(() => vi.unstubAllGlobals());

describe("apiFetch", () => {
  it("turns a problem into the one kind of error", async () => {
    answers(() => problem(422));
    const error = await caught(apiFetch("http://api/x"));
    expect(error).toBeInstanceOf(ProblemError);
    expect(error).toMatchObject({ status: 422, code: "refused", detail: "直してください", requestId: "r1" });
    expect(error?.errors).toEqual({ "/name": "短い" });
  });

  it("names a missing connection and an answer that is none", async () => {
    answers(() => Promise.reject(new TypeError("fetch failed")));
    expect(await caught(apiFetch("http://api/x"))).toMatchObject({ code: "network", needsWords: true, isPassing: true });
    answers(() => new Response("<html>", { status: 502 }));
    expect(await caught(apiFetch("http://api/x"))).toMatchObject({ code: "unreadable_answer", status: 502 });
  });

  it("lets an abort be an abort", async () => {
    answers(() => Promise.reject(new DOMException("gone", "AbortError")));
    expect(await caught(apiFetch("http://api/x"))).toMatchObject({ name: "AbortError" });
  });

  it("tells the token dialog of a 401", async () => {
    answers(() => problem(401));
    const heard = vi.fn();
    const forget = onUnauthorized(heard);
    await caught(apiFetch("http://api/x"));
    forget();
    await caught(apiFetch("http://api/x"));
    expect(heard).toHaveBeenCalledTimes(1);
  });

  it("is what the generated client calls: cookies, the page's language, its errors", async () => {
    vi.stubGlobal("document", { documentElement: { lang: "en" } });
    const fetch = answers(() => problem(404));
    const error = await caught(getDataset({ path: { dataset_id: "ds_1" } }));
    expect(error).toBeInstanceOf(ProblemError);
    const request = fetch.mock.calls[0]?.[0];
    expect(request?.url).toBe("http://127.0.0.1:8000/api/datasets/ds_1");
    expect(request?.headers.get("accept-language")).toBe("en");
    expect(request?.credentials).toBe("include");
  });
});

describe("apiUrl", () => {
  it("is what the page was given, else this host's port 8000", () => {
    const location = { protocol: "https:", hostname: "lab.example" };
    vi.stubGlobal("window", { location });
    expect(apiUrl()).toBe("https://lab.example:8000");
    vi.stubGlobal("window", { location, __LLMLORA__: { apiUrl: "http://other:9/" } });
    expect(apiUrl()).toBe("http://other:9");
    expect(socketUrl()).toBe("ws://other:9/ws");
  });
});

describe("retries", () => {
  it("are for what passes by itself, as long as the API says", async () => {
    answers(() => problem(503, { "retry-after": "2" }));
    const busy = await caught(apiFetch("http://api/x"));
    expect(mayRetry(0, busy)).toBe(true);
    expect(mayRetry(3, busy)).toBe(false);
    expect(retryDelayMs(0, busy)).toBe(2000);
    expect(mayRetry(0, new ProblemError("refused", { status: 422 }))).toBe(false);
    expect(retryDelayMs(2, new ProblemError("network"))).toBe(4000);
  });
});
