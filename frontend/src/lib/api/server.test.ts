import { afterEach, expect, it, vi } from "vitest";

import { apiFetch } from "./client";
import { runtimeScript } from "./runtime";
import { askForVisitors, isWholePage } from "./server";

const head = vi.hoisted(() => new Map<string, string>());
vi.mock("next/headers", () => ({ headers: async () => head }));
vi.mock("next-intl/server", () => ({ getLocale: async () => "en" }));

afterEach(() => vi.unstubAllGlobals());

it("asks with the visitor's cookies and in the visitor's language", async () => {
  const fetch = vi.fn<(request: Request) => Promise<Response>>(async () => new Response("{}"));
  vi.stubGlobal("fetch", fetch);
  head.set("cookie", "llmlora_token=secret");
  askForVisitors();
  await apiFetch("http://127.0.0.1:8000/api/datasets");
  const asked = fetch.mock.calls[0]?.[0];
  expect(asked?.headers.get("accept-language")).toBe("en");
  expect(asked?.headers.get("cookie")).toBe("llmlora_token=secret");
});

it("knows a page from the parts that a page fetches of the next one", async () => {
  head.set("accept", "text/html,application/xhtml+xml");
  expect(await isWholePage()).toBe(true);
  head.set("accept", "*/*");
  expect(await isWholePage()).toBe(false);
});


it("writes a script that no configured address breaks out of", () => {
  expect(runtimeScript({ apiUrl: "http://x/</script>" })).not.toContain("</script>");
});
