import type { JobDetail, RecipeOut } from "@/lib/api/generated/types.gen";

/** What the end of a job is to those who wait for it. */
export type Ending = "finished" | "failed" | "cancelled" | "deployed";

/** The ending that people are told; null for a step on the way to another, and for what only follows from another's. As webhooks are told. */
export function endingOf(job: Pick<JobDetail, "id" | "state" | "recipe" | "stages">, recipes: readonly RecipeOut[]): Ending | null {
  const place = job.stages.findIndex(({ id }) => id === job.id);
  const follows = job.stages.slice(0, Math.max(0, place)).some(({ state }) => state === "failed" || state === "cancelled");
  if (job.state === "failed") return "failed";
  if (job.state === "cancelled") return follows ? null : "cancelled";
  if (job.state !== "completed") return null;
  const recipe = recipes.find(({ name }) => name === job.recipe);
  if (recipe?.deploys) return "deployed";
  return recipe?.trains || place === job.stages.length - 1 ? "finished" : null;
}
