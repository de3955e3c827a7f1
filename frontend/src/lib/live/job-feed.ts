import type { ProblemError } from "../problem";
import type { Batch } from "./messages";

/** Somebody who wants to hear of a job. Each event arrives once, in order, without a gap but those told by `onSkipped`. */
export interface Listener {
  onEvents: (batch: Batch) => void;
  /** More events have gone by than are worth replaying: ask the API for what it shows now, and follow from there. */
  onSkipped?: () => void;
  onProblem?: (problem: ProblemError) => void;
}

interface Follower extends Listener {
  seen: number;
}

export type Accepted = "taken" | "gap" | "skipped" | "over";

const PATIENCE = 3;
/** How many events are replayed to those who are behind, such as after a night's sleep; beyond, a new look costs less. */
export const MOST_REPLAYED = 2000;

/** One followed job: how far its events have come, and who hears them. */
export class JobFeed {
  /** Number of the last event that was handed on. */
  position: number;
  private readonly followers = new Set<Follower>();
  private awaitsAnswer = false;
  private strays = 0;

  constructor(
    readonly jobId: string,
    after: number,
  ) {
    this.position = after;
  }

  get isDeserted(): boolean {
    return this.followers.size === 0;
  }

  /** Add a follower; `rewound` says that it needs events which have gone by. */
  add(after: number, listener: Listener): { rewound: boolean; remove: () => void } {
    const isFar = this.position - after > MOST_REPLAYED;
    const follower: Follower = { ...listener, seen: isFar ? this.position : after };
    this.followers.add(follower);
    if (isFar) queueMicrotask(() => this.followers.has(follower) && follower.onSkipped?.());
    const rewound = !isFar && after < this.position;
    if (rewound) this.position = after;
    return { rewound, remove: () => this.followers.delete(follower) };
  }

  /** A subscription was sent; what was under way before it may still arrive and is no gap. */
  asked(): void {
    this.awaitsAnswer = true;
    this.strays = 0;
  }

  /** Whether the API's head shows that events were lost on the way. */
  isBehind(headSeq: number): boolean {
    this.awaitsAnswer = false;
    return headSeq > this.position;
  }

  /** Hand on what follows the last event. "gap", "skipped": ask again behind `position`. */
  accept(batch: Batch): Accepted {
    const reached = batch.events[batch.events.length - 1]?.seq ?? this.position;
    if (batch.head_seq - Math.max(reached, this.position) > MOST_REPLAYED) return this.skipTo(batch.head_seq);
    const fresh = this.following(batch);
    const isWhole = fresh.length === batch.events.filter((event) => event.seq > this.position).length;
    if (fresh.length > 0) this.position = fresh[fresh.length - 1]?.seq ?? this.position;
    if (isWhole) {
      this.awaitsAnswer = false;
      this.strays = 0;
    }
    const over = batch.over && isWhole && this.position >= batch.head_seq;
    if (fresh.length > 0 || over) this.tell({ events: fresh, head_seq: batch.head_seq, over });
    if (over) return "over";
    if (isWhole && !batch.over) return "taken";
    this.strays += 1;
    return this.awaitsAnswer && this.strays < PATIENCE ? "taken" : "gap";
  }

  fail(problem: ProblemError): void {
    for (const follower of [...this.followers]) follower.onProblem?.(problem);
  }

  private skipTo(headSeq: number): "skipped" {
    this.position = headSeq;
    for (const follower of [...this.followers]) {
      follower.seen = headSeq;
      follower.onSkipped?.();
    }
    return "skipped";
  }

  private following(batch: Batch): Batch["events"][number][] {
    const fresh: Batch["events"][number][] = [];
    for (const event of batch.events) {
      const last = fresh[fresh.length - 1]?.seq ?? this.position;
      if (event.seq === last + 1) fresh.push(event);
      else if (event.seq > last) break;
    }
    return fresh;
  }

  private tell(batch: Batch): void {
    for (const follower of [...this.followers]) {
      if (!this.followers.has(follower)) continue;
      const events = batch.events.filter((event) => event.seq > follower.seen);
      follower.seen = Math.max(follower.seen, this.position);
      if (events.length > 0 || batch.over) follower.onEvents({ ...batch, events });
    }
  }
}
