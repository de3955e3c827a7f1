import { describe, expect, test } from "vitest";

import { chooseLocale, localeCookie } from "./locale";

describe("chooseLocale", () => {
  test.each([
    ["the cookie wins", "en", "ja", "en"],
    ["a cookie of another language is ignored", "fr", "en-GB,en;q=0.9", "en"],
    ["the browser's first wish among ours", undefined, "fr-FR,en;q=0.7,ja;q=0.8", "ja"],
    ["a refused language is no wish", undefined, "en;q=0", "ja"],
    ["Japanese when neither is named", undefined, "de,fr;q=0.5", "ja"],
    ["Japanese when nothing is said", undefined, null, "ja"],
  ] as const)("%s", (_name, cookie, header, expected) => {
    expect(chooseLocale(cookie, header)).toBe(expected);
  });

  test("the cookie lasts a year on every path", () => {
    expect(localeCookie("en")).toBe("llmlora_locale=en; Path=/; Max-Age=31536000; SameSite=Lax");
  });
});
