import type { Setting } from "./settings";

export const GROUPS = ["adapter", "pace", "data", "watch", "machine", "more"] as const;
export type Group = (typeof GROUPS)[number];

/** The settings that matter most, in sight without opening anything. */
export const KEY_SETTINGS = ["rank", "learning_rate", "epochs", "max_length"];

const GROUP_OF: Readonly<Record<string, Group>> = {
  rank: "adapter",
  alpha: "adapter",
  dropout: "adapter",
  target_modules: "adapter",
  rslora: "adapter",
  dora: "adapter",
  learning_rate: "pace",
  schedule: "pace",
  warmup_ratio: "pace",
  epochs: "pace",
  max_steps: "pace",
  batch_size: "pace",
  gradient_accumulation: "pace",
  weight_decay: "pace",
  clip_norm: "pace",
  max_length: "data",
  packing: "data",
  loss_on: "data",
  eval_split: "watch",
  eval_interval: "watch",
  early_stopping_metric: "watch",
  early_stopping_patience: "watch",
  measure_forgetting: "watch",
  checkpoint_interval: "watch",
  keep_checkpoints: "watch",
  precision: "machine",
  gradient_checkpointing: "machine",
  seed: "machine",
};

/** Settings under their headings; what a recipe adds later stands under the last one. */
export function grouped(settings: readonly Setting[]): { group: Group; settings: Setting[] }[] {
  return GROUPS.flatMap((group) => {
    const members = settings.filter((setting) => (GROUP_OF[setting.name] ?? "more") === group);
    return members.length > 0 ? [{ group, settings: members }] : [];
  });
}

/** Settings whose name, title or description holds every word, in either language. */
export function found(settings: readonly Setting[], sought: string): Setting[] {
  const words = sought.normalize("NFKC").toLowerCase().split(/\s+/).filter(Boolean);
  return settings.filter(({ name, title, description }) => {
    const all = [name, name.replaceAll("_", " "), title.ja, title.en, description.ja, description.en].join(" ");
    const text = all.normalize("NFKC").toLowerCase();
    return words.every((word) => text.includes(word));
  });
}
