import type { LogLine } from "../api/generated/types.gen";
import type { JobEvent } from "./messages";

export type Sample = Extract<JobEvent["body"], { type: "resources" }> & { seq: number; at: string };

/** The last so many numbered things, each once, in order. */
export class Ring<Item extends { seq: number }> {
  private kept: readonly Item[] = [];
  /** Number of the newest thing there was. */
  lastSeq = 0;
  /** How many have been pushed out. */
  dropped = 0;

  constructor(readonly capacity: number) {}

  /** The same array until something is added. */
  get items(): readonly Item[] {
    return this.kept;
  }

  /** Put what came before in front, as far as there is room; whether any found it. */
  prepend(items: readonly Item[]): boolean {
    const first = this.kept[0]?.seq ?? Number.POSITIVE_INFINITY;
    const room = this.capacity - this.kept.length;
    const older = items.filter(({ seq }) => seq < first);
    if (room <= 0 || older.length === 0) return false;
    this.kept = [...older.slice(-room), ...this.kept];
    this.lastSeq = Math.max(this.lastSeq, this.kept[this.kept.length - 1]?.seq ?? 0);
    return true;
  }

  /** Add what is new; whether there was any. */
  add(items: readonly Item[]): boolean {
    const fresh: Item[] = [];
    for (const item of items) {
      if (item.seq <= this.lastSeq) continue;
      fresh.push(item);
      this.lastSeq = item.seq;
    }
    if (fresh.length === 0) return false;
    const all = [...this.kept, ...fresh];
    this.dropped += Math.max(0, all.length - this.capacity);
    this.kept = all.slice(-this.capacity);
    return true;
  }
}

/** The log lines among some events. */
export function logLines(events: readonly JobEvent[]): LogLine[] {
  return events.flatMap(({ seq, epoch, at, body }) =>
    body.type === "log" ? [{ seq, epoch, at, level: body.level, message: body.message, step: body.step ?? null }] : [],
  );
}

/** The samples of resources among some events. */
export function samples(events: readonly JobEvent[]): Sample[] {
  return events.flatMap(({ seq, at, body }) => (body.type === "resources" ? [{ ...body, seq, at }] : []));
}
