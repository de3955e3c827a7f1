import { afterEach, expect, it, vi } from "vitest";

import { apiUrlFor } from "./visitor";

afterEach(() => vi.unstubAllEnvs());

const head = (entries: Record<string, string>) => new Headers(entries);

it("is the name under which the page was asked for, at the API's port", () => {
  vi.stubEnv("LLMLORA_API_PORT", "8123");
  expect(apiUrlFor(head({ host: "studio.lan:3456" }))).toBe("http://studio.lan:8123");
  expect(apiUrlFor(head({ host: "192.168.7.9:3000" }))).toBe("http://192.168.7.9:8123");
  expect(apiUrlFor(head({ host: "[fd00::7]:3000" }))).toBe("http://[fd00::7]:8123");
  expect(apiUrlFor(head({ host: "studio.lan", "x-forwarded-proto": "https,http" }))).toBe("https://studio.lan:8123");
  expect(apiUrlFor(head({ host: "a b" }))).toBe("http://localhost:8123");
});

it("is what the server was told, where it was told", () => {
  vi.stubEnv("LLMLORA_API_URL", "https://api.example/");
  expect(apiUrlFor(head({ host: "studio.lan:3456" }))).toBe("https://api.example");
});
