import { createHash } from "node:crypto";

import { describe, expect, it } from "vitest";

import { ProblemError } from "@/lib/problem";

import { TusUpload } from "./tus";
import { recallAll } from "./tus-helpers";

/** Storage as browsers have it. */
function memoryStorage(): Storage {
  const items = new Map<string, string>();
  return {
    get length() {
      return items.size;
    },
    clear: () => items.clear(),
    getItem: (key) => items.get(key) ?? null,
    key: (place) => [...items.keys()][place] ?? null,
    removeItem: (key) => void items.delete(key),
    setItem: (key, value) => void items.set(key, value),
  };
}

/** An API with one upload in memory. `before` may refuse, or break off, what comes. */
class MemoryApi {
  bytes = Buffer.alloc(0);
  calls: string[] = [];
  created = 0;
  metadata = "";
  before: (method: string, call: number) => void | Promise<void> = () => undefined;

  readonly fetch = async (input: RequestInfo | URL, init?: RequestInit): Promise<Response> => {
    const request = new Request(input, init);
    this.calls.push(request.method);
    if (init?.signal?.aborted) throw new DOMException("stopped", "AbortError");
    await this.before(request.method, this.calls.length);
    if (init?.signal?.aborted) throw new DOMException("stopped", "AbortError");
    if (request.method === "POST") {
      this.created += 1;
      this.bytes = Buffer.alloc(0);
      this.metadata = request.headers.get("upload-metadata") ?? "";
      return Response.json({ id: `up_${this.created}` }, { status: 201 });
    }
    if (request.method === "PATCH") {
      const offset = Number(request.headers.get("upload-offset"));
      if (offset !== this.bytes.length) throw new ProblemError("upload_offset", { status: 409 });
      const piece = Buffer.from(await request.arrayBuffer());
      const digest = createHash("sha256").update(piece).digest("base64");
      expect(request.headers.get("upload-checksum")).toBe(`sha256 ${digest}`);
      this.bytes = Buffer.concat([this.bytes, piece]);
    }
    return new Response(null, { headers: { "upload-offset": String(this.bytes.length) } });
  };
}

const content = Buffer.from(Array.from({ length: 1_500_000 }, (_, place) => (place * 7919) % 251));
const file = () => new File([content], "例.jsonl", { lastModified: 1000 });
const wait = () => Promise.resolve();

describe("TusUpload", () => {
  it("sends a file in pieces, with name and hash, and tells how far it is", async () => {
    const api = new MemoryApi();
    const upload = new TusUpload(file(), { fetch: api.fetch, storage: null, wait });
    const seen: number[] = [];
    upload.watch(() => seen.push(upload.getState().sentBytes));
    await upload.start();
    expect(upload.getState()).toMatchObject({ phase: "received", sentBytes: content.length, uploadId: "up_1" });
    expect(api.bytes.equals(content)).toBe(true);
    expect(api.calls.filter((method) => method === "PATCH").length).toBeGreaterThan(2);
    expect(seen).toEqual([...seen].sort((a, b) => a - b));
    const words = Object.fromEntries(
      api.metadata.split(",").map((pair) => {
        const [key, value] = pair.split(" ");
        return [key, Buffer.from(value ?? "", "base64").toString()];
      }),
    );
    expect(words).toEqual({ filename: "例.jsonl", sha256: createHash("sha256").update(content).digest("hex") });
  });

  it("goes on at the API's offset after the connection broke behind its back", async () => {
    const api = new MemoryApi();
    api.before = (method, call) => {
      if (method !== "PATCH" || call !== 3) return;
      api.bytes = Buffer.concat([api.bytes, content.subarray(api.bytes.length, api.bytes.length + 1000)]);
      throw new ProblemError("network");
    };
    const upload = new TusUpload(file(), { fetch: api.fetch, storage: null, wait });
    await upload.start();
    expect(upload.getState().phase).toBe("received");
    expect(api.bytes.equals(content)).toBe(true);
  });

  it("pauses and goes on", async () => {
    const api = new MemoryApi();
    const upload = new TusUpload(file(), { fetch: api.fetch, storage: null, wait });
    api.before = (method, call) => {
      if (method === "PATCH" && call === 3) upload.pause();
    };
    await upload.start();
    expect(upload.getState().phase).toBe("paused");
    expect(upload.getState().sentBytes).toBeLessThan(content.length);
    api.before = () => undefined;
    await upload.start();
    expect(upload.getState().phase).toBe("received");
    expect(api.created).toBe(1);
    expect(api.bytes.equals(content)).toBe(true);
  });

  it("goes on after a reload with the same file, and begins anew with another or a forgotten one", async () => {
    const [api, storage] = [new MemoryApi(), memoryStorage()];
    const first = new TusUpload(file(), { fetch: api.fetch, storage, wait });
    api.before = (method, call) => {
      if (method === "PATCH" && call === 3) first.pause();
    };
    await first.start();
    api.before = () => undefined;
    await new TusUpload(file(), { fetch: api.fetch, storage, wait }).start();
    expect(api.created).toBe(1);
    expect(api.bytes.equals(content)).toBe(true);

    const other = new File([content.subarray(1)], "例.jsonl", { lastModified: 1000 });
    await new TusUpload(other, { fetch: api.fetch, storage, wait }).start();
    expect(api.created).toBe(2);

    api.before = (method) => {
      if (method === "HEAD") throw new ProblemError("upload_not_found", { status: 404 });
    };
    await new TusUpload(file(), { fetch: api.fetch, storage, wait }).start();
    expect(api.created).toBe(3);
    expect(api.bytes.equals(content)).toBe(true);
  });

  it("fails with the API's reason when trying again would not help", async () => {
    const api = new MemoryApi();
    api.before = (method) => {
      if (method === "POST") throw new ProblemError("upload_too_large", { status: 413, detail: "too large" });
    };
    const upload = new TusUpload(file(), { fetch: api.fetch, storage: null, wait });
    await upload.start();
    expect(upload.getState()).toMatchObject({ phase: "failed", problem: { code: "upload_too_large" } });
  });

  it.each([413, 415, 422])("is not remembered once the API has refused its bytes with %i", async (status) => {
    const [api, storage] = [new MemoryApi(), memoryStorage()];
    api.before = (method, call) => {
      if (method === "PATCH" && call > 2) throw new ProblemError("refused", { status });
    };
    await new TusUpload(file(), { fetch: api.fetch, storage, wait }).start();
    expect(storage.length).toBe(0);
  });

  it.each([401, 409, 423, 429, 503])("stays remembered after %i, which passes", async (status) => {
    const [api, storage] = [new MemoryApi(), memoryStorage()];
    api.before = (method, call) => {
      if (method === "PATCH" && call > 2) throw new ProblemError("passing", { status });
    };
    await new TusUpload(file(), { fetch: api.fetch, storage, wait }).start();
    expect(storage.length).toBe(1);
  });

  it("that has arrived and was refused for good does not come back as an unfinished one", async () => {
    const [api, storage] = [new MemoryApi(), memoryStorage()];
    const upload = new TusUpload(file(), { fetch: api.fetch, storage, wait });
    await upload.start();
    expect(recallAll(storage)).toHaveLength(1);
    await upload.forget();
    expect(recallAll(storage)).toEqual([]);
  });
});
