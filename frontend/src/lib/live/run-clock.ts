import type { RunClock as GivenClock } from "../api/generated/types.gen";
import { Curve } from "./curve";
import type { JobEvent } from "./messages";

/** How long a job had run by each step: what the API told, and what the events since tell. */
export class RunClock {
  private seconds = new Curve();
  /** A moment and how long it had run by then; no moment while it does not run. */
  private at: number | null = null;
  private ranS = 0;
  /** The pauses that are left out. */
  waitedS = 0;

  get steps(): Float64Array {
    return this.seconds.steps;
  }

  get values(): Float64Array {
    return this.seconds.values;
  }

  reset({ steps, seconds, at, at_s, waited_s }: GivenClock): void {
    this.seconds = new Curve();
    steps.forEach((step, place) => this.seconds.set(step, seconds[place] ?? 0));
    this.at = at === null ? null : Date.parse(at);
    this.ranS = at_s;
    this.waitedS = waited_s;
  }

  apply({ at, body }: JobEvent): void {
    const moment = Date.parse(at);
    if (body.type === "state") {
      // A wait is not counted: it begins here, or has just ended.
      if (this.at !== null) this.ranS = this.until(moment);
      this.at = body.state === "running" ? moment : null;
    } else if (body.type === "metrics" && this.at !== null) {
      // A step that comes again, after a wait, takes the place of it and of all behind it.
      this.seconds.cutFrom(body.step);
      this.seconds.set(body.step, this.until(moment));
    }
  }

  private until(moment: number): number {
    return Math.max(0, this.ranS + (moment - (this.at ?? moment)) / 1000);
  }
}
