import { asProblem } from "../problem";
import { backoffMs } from "./backoff";
import type { Batch } from "./messages";

/** A page of `GET …/events`: `next` is null when these are the last for now. */
export interface EventsPage extends Batch {
  next: number | null;
}

export type FetchPage = (jobId: string, after: number, signal: AbortSignal) => Promise<EventsPage>;

export interface PolledJobs {
  ids: () => string[];
  position: (jobId: string) => number;
  accept: (jobId: string, batch: Batch) => void;
  fail: (jobId: string, error: unknown) => void;
}

const EVERY_MS = 2000;

/** Asks for new events again and again, where sockets do not come through. */
export class Poller {
  private stopped: AbortController | null = null;

  constructor(
    private readonly jobs: PolledJobs,
    private readonly fetchPage: FetchPage,
  ) {}

  get isRunning(): boolean {
    return this.stopped !== null;
  }

  start(): void {
    if (this.stopped) return;
    this.stopped = new AbortController();
    void this.run(this.stopped.signal);
  }

  stop(): void {
    this.stopped?.abort();
    this.stopped = null;
  }

  private async run(signal: AbortSignal): Promise<void> {
    let failures = 0;
    while (!signal.aborted) {
      const outcomes = await Promise.all(this.jobs.ids().map((id) => this.readAll(id, signal)));
      failures = outcomes.includes(false) ? failures + 1 : 0;
      await pause(Math.max(EVERY_MS, failures ? backoffMs(failures) : 0), signal);
    }
  }

  /** Every page there is; false when the API could not be reached. */
  private async readAll(jobId: string, signal: AbortSignal): Promise<boolean> {
    try {
      for (let more = true; more && !signal.aborted; ) {
        const before = this.jobs.position(jobId);
        const page = await this.fetchPage(jobId, before, signal);
        if (signal.aborted) return true;
        this.jobs.accept(jobId, page);
        more = page.next !== null && this.jobs.position(jobId) > before;
      }
      return true;
    } catch (error) {
      if (signal.aborted) return true;
      const status = asProblem(error).status;
      if (status >= 400 && status < 500 && status !== 401 && status !== 429) this.jobs.fail(jobId, error);
      return false;
    }
  }
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    signal.addEventListener("abort", end);
  });
}
