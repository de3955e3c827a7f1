import { asProblem } from "../problem";
import { backoffMs } from "./backoff";
import { JobFeed, type Listener } from "./job-feed";
import { type Batch, readMessage, subscribeMessage, unsubscribeMessage } from "./messages";
import { type FetchPage, Poller } from "./poller";

/** `idle`: nothing is followed. `polling`: sockets do not come through; a socket is tried now and then. */
export type Connection = "idle" | "connecting" | "live" | "reconnecting" | "polling";

export interface LiveOptions {
  url: () => string;
  fetchPage: FetchPage;
  /** The API closed the socket for want of a session. */
  onUnauthorized?: () => void;
  Socket?: new (url: string) => WebSocket;
  random?: () => number;
}

export const FAILURES_UNTIL_POLLING = 4;
/** The API speaks at least every fifteen seconds. */
export const SILENCE_MS = 40_000;
export const SOCKET_TRIAL_MS = 30_000;
const CONNECT_MS = 10_000;
const LINGER_MS = 2000;
const OPEN = 1;
/** Why the API closes a socket (`kit/web/guard.py`). */
const UNAUTHENTICATED = "unauthenticated";

/** Everything live in a tab: one socket for any number of jobs, which heals itself, or polls. */
export class LiveClient {
  private readonly feeds = new Map<string, JobFeed>();
  private readonly watchers = new Set<() => void>();
  private readonly poller: Poller;
  private socket: WebSocket | null = null;
  private state: Connection = "idle";
  private failures = 0;
  private retryTimer: ReturnType<typeof setTimeout> | undefined;
  private watchdog: ReturnType<typeof setTimeout> | undefined;
  private lingering: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly options: LiveOptions) {
    this.poller = new Poller(
      {
        ids: () => [...this.feeds.keys()],
        position: (id) => this.feeds.get(id)?.position ?? 0,
        accept: (id, batch) => this.take(id, batch),
        fail: (id, error) => this.drop(id, error),
      },
      options.fetchPage,
    );
  }

  get connection(): Connection {
    return this.state;
  }

  /** Hear when `connection` changes; returns how to stop hearing. */
  watchConnection(watcher: () => void): () => void {
    this.watchers.add(watcher);
    return () => this.watchers.delete(watcher);
  }

  /** Hear a job's events behind `after`; returns how to stop. Nothing comes after a batch that is `over`. */
  follow(jobId: string, after: number, listener: Listener): () => void {
    clearTimeout(this.lingering);
    const known = this.feeds.get(jobId);
    const feed = known ?? new JobFeed(jobId, after);
    this.feeds.set(jobId, feed);
    const { rewound, remove } = feed.add(after, listener);
    if (!known || rewound) this.ask(feed);
    if (!this.socket && this.retryTimer === undefined) this.connect();
    return () => {
      remove();
      if (feed.isDeserted && this.feeds.get(jobId) === feed) this.leave(feed);
    };
  }

  /** Try the socket at once, such as after a token was shown. */
  retryNow(): void {
    if (this.feeds.size === 0 || this.socket) return;
    this.connect();
  }

  close(): void {
    this.feeds.clear();
    this.rest();
  }

  private connect(): void {
    this.clearRetry();
    if (this.state !== "polling") this.turn(this.failures === 0 ? "connecting" : "reconnecting");
    const Socket = this.options.Socket ?? globalThis.WebSocket;
    let socket: WebSocket;
    try {
      socket = new Socket(this.options.url());
    } catch {
      this.lost();
      return;
    }
    this.socket = socket;
    this.watch(CONNECT_MS);
    socket.onopen = () => {
      if (this.socket !== socket) return;
      if (this.state !== "polling") this.turn("live");
      for (const feed of this.feeds.values()) this.ask(feed);
      this.watch(SILENCE_MS);
    };
    socket.onmessage = ({ data }: MessageEvent<unknown>) => {
      if (this.socket === socket) this.hear(data);
    };
    socket.onclose = ({ reason }: CloseEvent) => {
      if (this.socket !== socket) return;
      if (reason === UNAUTHENTICATED) this.options.onUnauthorized?.();
      this.lost();
    };
  }

  /** A socket counts as working once the API has spoken on it. */
  private hear(data: unknown): void {
    this.failures = 0;
    this.poller.stop();
    this.turn("live");
    this.watch(SILENCE_MS);
    const message = readMessage(data);
    if (message === null || message.job_id === null) return;
    if (message.type === "events") return this.take(message.job_id, message);
    if (message.type === "error") return this.drop(message.job_id, message.problem);
    const feed = this.feeds.get(message.job_id);
    if (feed?.isBehind(message.head_seq)) this.ask(feed);
  }

  private take(jobId: string, batch: Batch): void {
    const feed = this.feeds.get(jobId);
    if (!feed) return;
    const accepted = feed.accept(batch);
    if ((accepted === "gap" || accepted === "skipped") && this.feeds.get(jobId) === feed) this.ask(feed);
    if (accepted === "over" && this.feeds.get(jobId) === feed) this.forget(feed);
  }

  private drop(jobId: string, error: unknown): void {
    const feed = this.feeds.get(jobId);
    if (!feed) return;
    this.forget(feed);
    feed.fail(asProblem(error));
  }

  private ask(feed: JobFeed): void {
    if (this.socket?.readyState !== OPEN) return;
    feed.asked();
    this.socket.send(subscribeMessage(feed.jobId, feed.position));
  }

  private leave(feed: JobFeed): void {
    if (this.socket?.readyState === OPEN) this.socket.send(unsubscribeMessage(feed.jobId));
    this.forget(feed);
  }

  private forget(feed: JobFeed): void {
    this.feeds.delete(feed.jobId);
    if (this.feeds.size > 0) return;
    clearTimeout(this.lingering);
    this.lingering = setTimeout(() => this.feeds.size === 0 && this.rest(), LINGER_MS);
  }

  private lost(): void {
    this.detach();
    this.failures += 1;
    if (this.feeds.size === 0) return this.rest();
    if (this.failures < FAILURES_UNTIL_POLLING) {
      this.turn("reconnecting");
      this.retryIn(backoffMs(this.failures, this.options.random));
      return;
    }
    this.turn("polling");
    this.poller.start();
    this.retryIn(SOCKET_TRIAL_MS);
  }

  private rest(): void {
    this.clearRetry();
    this.detach();
    this.poller.stop();
    this.failures = 0;
    this.turn("idle");
  }

  private detach(): void {
    clearTimeout(this.watchdog);
    const socket = this.socket;
    this.socket = null;
    if (!socket) return;
    socket.onopen = socket.onmessage = socket.onclose = null;
    socket.close();
  }

  private watch(ms: number): void {
    clearTimeout(this.watchdog);
    this.watchdog = setTimeout(() => (this.feeds.size > 0 ? this.lost() : this.rest()), ms);
  }

  private retryIn(ms: number): void {
    this.clearRetry();
    this.retryTimer = setTimeout(() => this.connect(), ms);
  }

  private clearRetry(): void {
    clearTimeout(this.retryTimer);
    this.retryTimer = undefined;
  }

  private turn(state: Connection): void {
    if (this.state === state) return;
    this.state = state;
    for (const watcher of [...this.watchers]) watcher();
  }
}
