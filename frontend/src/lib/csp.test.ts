import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";

import { describe, expect, it } from "vitest";

import { contentSecurityPolicy, SONNER_STYLES } from "./csp";

const policyOf = (apiUrl: string) => contentSecurityPolicy({ nonce: "bm9uY2U=", apiUrl });
const part = (policy: string, name: string) => policy.split("; ").find((one) => one.startsWith(`${name} `));

describe("contentSecurityPolicy", () => {
  it("lets no inline script run without the nonce", () => {
    const policy = policyOf("http://studio.lan:8000");
    expect(part(policy, "script-src")).toBe("script-src 'self' 'nonce-bm9uY2U='");
    expect(policy.replace(/style-src-attr [^;]*/, "")).not.toMatch(/unsafe/);
    expect(part(policy, "frame-ancestors")).toBe("frame-ancestors 'none'");
  });

  it("reaches the API and its socket, and nothing else", () => {
    expect(part(policyOf("https://api.lan"), "connect-src")).toBe("connect-src 'self' https://api.lan wss://api.lan");
    expect(part(policyOf("http://[fd00::7]:8000"), "connect-src")).toBe("connect-src 'self' http://[fd00::7]:8000 ws://[fd00::7]:8000");
  });

  it("draws pictures of the API, which courses have, and of nobody else", () => {
    expect(part(policyOf("http://studio.lan:8000"), "img-src")).toBe("img-src 'self' blob: data: http://studio.lan:8000");
    expect(part(policyOf("http://a; script-src *"), "img-src")).toBe("img-src 'self' blob: data:");
  });

  it.each(["http://a; script-src *", "http://a,b", "javascript:x", "http://a b", ""])("takes no second directive from an address: %s", (address) => {
    expect(part(policyOf(address), "connect-src")).toBe("connect-src 'self'");
    expect(policyOf(address).match(/script-src /g)).toHaveLength(1);
  });

  it("knows the styles of the installed sonner", () => {
    const source = readFileSync("node_modules/sonner/dist/index.mjs", "utf8");
    const css = JSON.parse(/__insertCSS\(("(?:[^"\\]|\\.)*")\)/.exec(source)?.[1] ?? "") as string;
    expect(SONNER_STYLES).toBe(["", css].map((text) => `'sha256-${createHash("sha256").update(text).digest("base64")}'`).join(" "));
  });
});
