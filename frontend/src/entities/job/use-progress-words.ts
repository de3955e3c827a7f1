import { useTranslations } from "next-intl";

import type { JobOut } from "@/lib/api/generated/types.gen";
import { useFormat } from "@/lib/use-format";

import { layerOf } from "./layer";
import { isCounting, leftOf } from "./progress";

const STAGES = [
  "tokenize",
  "rehearse",
  "load",
  "train",
  "prepare",
  "convert",
  "check",
  "publish",
  "gates",
  "download",
  "hash",
  "inspect",
  "describe",
  "merge",
  "quantise",
  "upload",
  "register",
] as const;

/** What a running job does now, how far that is and how long it takes: `ステップ 12 / 60`, `残り 3分`. */
export function useProgressWords(): (job: Pick<JobOut, "state" | "progress">) => { doing: string; left: string | null } {
  const t = useTranslations("job.stages");
  const format = useFormat();
  return (job) => {
    const { progress } = job;
    if (!progress) return { doing: t("running.starting"), left: null };
    const { stage, done, total, unit } = progress;
    const isOver = stage === "train" && done >= total;
    const layer = layerOf(progress);
    const known = STAGES.find((one) => one === (isOver ? "publish" : stage));
    const words = layer ? t("running.layer", { digest: layer.digest }) : t(`running.${known ?? "working"}`);
    const count = unit === "bytes" ? format.bytesOf(done, total) : `${format.number(done)} / ${format.number(total)}`;
    const leftS = leftOf(job);
    return { doing: isCounting(job) ? `${words} ${count}` : words, left: leftS === null ? null : t("left", { time: format.duration(leftS) }) };
  };
}
