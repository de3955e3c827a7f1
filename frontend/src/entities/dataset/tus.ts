import { apiFetch, apiUrl } from "@/lib/api/client";
import { asProblem, isAbort, type ProblemError } from "@/lib/problem";

import { base64, forget, fingerprintOf, recall, remember, sha256Of } from "./tus-helpers";

export type UploadPhase = "waiting" | "sending" | "paused" | "received" | "failed";

/** How an upload stands. `uploadId` is what previews and finishing ask for once it is `received`. */
export interface UploadState {
  phase: UploadPhase;
  sentBytes: number;
  totalBytes: number;
  uploadId: string | null;
  problem: ProblemError | null;
}

export interface TusOptions {
  fetch?: typeof apiFetch;
  storage?: Storage | null;
  wait?: (ms: number) => Promise<void>;
}

const FIRST_PIECE = 256 * 1024;
const LARGEST_PIECE = 8 * 1024 * 1024;
const AIMED_MS = 400; // a piece takes about this long, so that progress is smooth and a broken one costs little
const TRIES = 6;
const HASHED_WHOLE = 64 * 1024 * 1024;
const HEADERS = { "tus-resumable": "1.0.0" };

/**
 * A file on its way to `/api/datasets/uploads` by tus 1.0, each piece with its checksum. It goes on where it stopped:
 * after `pause`, a broken connection, or a reload, by name, size, time and first and last bytes of the file.
 */
export class TusUpload {
  private state: UploadState;
  private readonly watchers = new Set<() => void>();
  private running: AbortController | null = null;
  private pieceBytes = FIRST_PIECE;
  private readonly fetch: typeof apiFetch;
  private readonly storage: Storage | null;
  private readonly wait: (ms: number) => Promise<void>;

  constructor(
    readonly file: File,
    options: TusOptions = {},
  ) {
    this.fetch = options.fetch ?? apiFetch;
    this.storage = options.storage === undefined ? (globalThis.localStorage ?? null) : options.storage;
    this.wait = options.wait ?? ((ms) => new Promise((resolve) => setTimeout(resolve, ms)));
    this.state = { phase: "waiting", sentBytes: 0, totalBytes: file.size, uploadId: null, problem: null };
  }

  /** The same object until something changes. */
  readonly getState = (): UploadState => this.state;

  readonly watch = (watcher: () => void): (() => void) => {
    this.watchers.add(watcher);
    return () => this.watchers.delete(watcher);
  };

  /** Begin, or go on. Ends when the file has arrived, was paused, or has failed; `getState` tells which. */
  async start(): Promise<void> {
    if (this.running || this.state.phase === "received") return;
    const stop = new AbortController();
    this.running = stop;
    this.change({ phase: "sending", problem: null });
    try {
      await this.sendAll(stop.signal);
      this.change({ phase: "received" });
    } catch (error) {
      if (stop.signal.aborted || isAbort(error)) this.change({ phase: "paused" });
      else {
        if (isRefused(error)) this.done(await fingerprintOf(this.file));
        this.change({ phase: "failed", problem: asProblem(error) });
      }
    } finally {
      if (this.running === stop) this.running = null;
    }
  }

  pause(): void {
    this.running?.abort();
  }

  /** Give it up, here and there. */
  async remove(): Promise<void> {
    this.pause();
    const { uploadId } = this.state;
    this.done(await fingerprintOf(this.file));
    if (!uploadId) return;
    for (let tries = 1; ; tries += 1) {
      try {
        await this.fetch(this.addressOf(uploadId), { method: "DELETE", headers: HEADERS });
        return;
      } catch (error) {
        const { status } = asProblem(error);
        if (status === 404) return;
        if (status !== 423 || tries === TRIES) throw error; // 423: the piece just broken off is still being kept
      }
      await this.wait(500);
    }
  }

  /** A reload no longer goes on with it: its file was refused for good. */
  async forget(): Promise<void> {
    this.done(await fingerprintOf(this.file));
  }

  /** A reload no longer goes on with it: call when the data set has been made. */
  done(fingerprint: string): void {
    forget(this.storage, fingerprint);
  }

  private async sendAll(signal: AbortSignal): Promise<void> {
    const fingerprint = await fingerprintOf(this.file);
    let offset = await this.begin(fingerprint, signal);
    for (let failures = 0; offset < this.file.size; ) {
      try {
        offset = await this.sendPiece(offset, signal);
        failures = 0;
      } catch (error) {
        failures += 1;
        if (signal.aborted || failures >= TRIES || !mayGoOn(error)) throw error;
        await this.wait(Math.min(15_000, 500 * 2 ** (failures - 1)));
        if (signal.aborted) throw error;
        offset = (await this.offsetNow(signal).catch(() => null)) ?? offset;
      }
      this.change({ sentBytes: offset });
    }
  }

  /** The offset of the upload this file already has, else of a new one. */
  private async begin(fingerprint: string, signal: AbortSignal): Promise<number> {
    const known = this.state.uploadId ?? recall(this.storage, fingerprint);
    if (known) {
      this.change({ uploadId: known });
      try {
        const offset = await this.offsetNow(signal);
        if (offset !== null && offset <= this.file.size) {
          this.change({ sentBytes: offset });
          return offset;
        }
      } catch (error) {
        if (![404, 410].includes(asProblem(error).status)) throw error;
      }
    }
    const id = await this.create(signal);
    remember(this.storage, fingerprint, id);
    this.change({ uploadId: id, sentBytes: 0 });
    return 0;
  }

  private async create(signal: AbortSignal): Promise<string> {
    const words = [`filename ${base64(new TextEncoder().encode(this.file.name))}`];
    const whole = this.file.size <= HASHED_WHOLE ? await sha256Of(await this.file.arrayBuffer()) : null;
    if (whole) {
      const hex = [...whole].map((byte) => byte.toString(16).padStart(2, "0")).join("");
      words.push(`sha256 ${base64(new TextEncoder().encode(hex))}`);
    }
    const headers = { ...HEADERS, "upload-length": String(this.file.size), "upload-metadata": words.join(",") };
    const response = await this.fetch(this.addressOf(), { method: "POST", headers, signal });
    return ((await response.json()) as { id: string }).id;
  }

  private async sendPiece(offset: number, signal: AbortSignal): Promise<number> {
    const bytes = await this.file.slice(offset, offset + this.pieceBytes).arrayBuffer();
    const digest = await sha256Of(bytes);
    const headers: Record<string, string> = {
      ...HEADERS,
      "content-type": "application/offset+octet-stream",
      "upload-offset": String(offset),
    };
    if (digest) headers["upload-checksum"] = `sha256 ${base64(digest)}`;
    const begun = performance.now();
    const address = this.addressOf(this.state.uploadId ?? "");
    const response = await this.fetch(address, { method: "PATCH", headers, body: bytes, signal });
    const factor = AIMED_MS / Math.max(1, performance.now() - begun);
    const aimed = Math.round(this.pieceBytes * Math.min(2, Math.max(0.5, factor)));
    this.pieceBytes = Math.min(LARGEST_PIECE, Math.max(FIRST_PIECE, aimed));
    return Number(response.headers.get("upload-offset") ?? offset + bytes.byteLength);
  }

  private async offsetNow(signal: AbortSignal): Promise<number | null> {
    const address = this.addressOf(this.state.uploadId ?? "");
    const response = await this.fetch(address, { method: "HEAD", headers: HEADERS, signal });
    const told = response.headers.get("upload-offset");
    return told === null ? null : Number(told);
  }

  private addressOf(id?: string): string {
    return `${apiUrl()}/api/datasets/uploads${id ? `/${id}` : ""}`;
  }

  private change(part: Partial<UploadState>): void {
    this.state = { ...this.state, ...part };
    for (const watcher of [...this.watchers]) watcher();
  }
}

/** The API will not take it, whenever it is sent: not for want of a token, a turn, or the right offset. */
function isRefused(error: unknown): boolean {
  const { status } = asProblem(error);
  return status >= 400 && status < 500 && ![401, 403, 404, 408, 410].includes(status) && !mayGoOn(error);
}

/** Connection lost, offset elsewhere (409), another request still at it (423), piece damaged (460), or a 5xx. */
function mayGoOn(error: unknown): boolean {
  const problem = asProblem(error);
  return problem.isPassing || problem.status >= 500 || [409, 423, 429, 460].includes(problem.status);
}
