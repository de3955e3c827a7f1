import type { RecipeBook } from "@/entities/recipe/book";
import type { JobOut } from "@/lib/api/generated/types.gen";
import { shareOf as partOf } from "@/lib/share";

type Told = Pick<JobOut, "state" | "progress">;

/** Whether a running job has counted all of its stage, or only one thing: what is left of it is not known. */
export function isCounting({ state, progress }: Told): boolean {
  return state === "running" && progress !== null && progress.total > 1 && progress.done < progress.total;
}

/** How far the stage of a running job is, from 0 to 0.99; null where its end is not known. */
export function shareOf(job: Told): number | null {
  return isCounting(job) ? partOf(job.progress?.done ?? 0, job.progress?.total ?? 0) : null;
}

/** How far a running job is with what it is for; null while it prepares itself, and once it only has to end. */
export function shareOfWork(job: Told & Pick<JobOut, "recipe">, book: RecipeBook): number | null {
  return book.stage(job.recipe, job.progress?.stage)?.prepares ? null : shareOf(job);
}

/** Seconds that the work of a running job will still take; null where nobody can know. */
export function leftOf(job: Told): number | null {
  const left = job.progress?.eta_s ?? Number.NaN;
  return isCounting(job) && left > 0 && Number.isFinite(left) ? left : null;
}
