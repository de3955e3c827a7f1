import type { Forecast } from "@/lib/api/generated/types.gen";

/** A change of settings that makes a training smaller. `to` is the value of `name`, for the words. */
export interface Cure {
  name: "batch_size" | "gradient_checkpointing" | "max_length" | "keep_checkpoints";
  to: number | "on";
  changes: Readonly<Record<string, string>>;
}

const SHORTEST = 128;

/** What to change when it is tight or does not fit, the harmless ones first; empty when all is well. */
export function curesOf({ memory, disk, lengths }: Forecast, config: Readonly<Record<string, unknown>>): Cure[] {
  const cures: Cure[] = [];
  if (memory && (memory.verdict === "does_not_fit" || memory.verdict === "tight")) {
    const batch = numberOr(config["batch_size"], 1);
    if (batch > 1) cures.push(halvedBatch(batch, numberOr(config["gradient_accumulation"], 1)));
    if (!memory.recompute) cures.push(cure("gradient_checkpointing", "on"));
    const longest = numberOr(config["max_length"], lengths.longest_row_tokens ?? memory.longest_pass_tokens);
    const half = Math.floor(longest / 2);
    if (half >= SHORTEST) cures.push(cure("max_length", half));
  }
  const kept = numberOr(config["keep_checkpoints"], 1);
  if ((disk.verdict === "does_not_fit" || disk.verdict === "tight") && kept > 1) cures.push(cure("keep_checkpoints", 1));
  return cures;
}

/** Half the rows a pass, twice the passes an update: the same training in less memory. */
function halvedBatch(batch: number, accumulation: number): Cure {
  const to = Math.floor(batch / 2);
  const passes = Math.max(1, Math.round((batch * accumulation) / to));
  return { name: "batch_size", to, changes: { batch_size: String(to), gradient_accumulation: String(passes) } };
}

function cure(name: Exclude<Cure["name"], "batch_size">, to: number | "on"): Cure {
  return { name, to, changes: { [name]: String(to) } };
}

function numberOr(value: unknown, otherwise: number): number {
  return typeof value === "number" ? value : otherwise;
}
