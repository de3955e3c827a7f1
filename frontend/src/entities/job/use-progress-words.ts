import { useLocale, useTranslations } from "next-intl";

import type { RecipeBook } from "@/entities/recipe/book";
import { useRecipeBook } from "@/entities/recipe/queries";
import type { JobOut } from "@/lib/api/generated/types.gen";
import { useFormat } from "@/lib/use-format";

import { isCounting, leftOf } from "./progress";

type Told = Pick<JobOut, "state" | "progress" | "recipe">;

/** What a running job does now, how far that is and how long it takes: `ステップ 12 / 60`, `残り 3分`. */
export function useProgressWords(): (job: Told) => { doing: string; left: string | null } {
  const t = useTranslations("job.stages");
  const locale = useLocale();
  const format = useFormat();
  const book = useRecipeBook();
  return (job) => {
    const { progress } = job;
    if (!progress) return { doing: t("running.starting"), left: null };
    const { stage, done, total, unit } = progress;
    const [, ...more] = stage.split(" ");
    const title = book.stage(job.recipe, stage)?.title[locale] ?? t("running.working");
    const words = isOver(job, book) ? t("running.finishing") : [title, ...more].join(" ");
    const count = unit === "bytes" ? format.bytesOf(done, total) : `${format.number(done)} / ${format.number(total)}`;
    const leftS = leftOf(job);
    return { doing: isCounting(job) ? `${words} ${count}` : words, left: leftS === null ? null : t("left", { time: format.duration(leftS) }) };
  };
}

/** Whether a training has taken its last step: what it has left is written now. */
function isOver({ recipe, progress }: Told, book: RecipeBook): boolean {
  const stages = book.of(recipe)?.stages ?? [];
  const isLast = progress !== null && stages.at(-1) === book.stage(recipe, progress.stage);
  return book.trains(recipe) && isLast && progress.done >= progress.total;
}
