import type { JobFilters } from "@/entities/job/keys";
import type { RecipeBook } from "@/entities/recipe/book";
import type { JobOut } from "@/lib/api/generated/types.gen";

/** The jobs that bring base models in. */
export function importsOf(book: RecipeBook): JobFilters {
  const recipe = book.making("base_model");
  return { recipe: recipe ? [recipe.name] : [] };
}

/** How many of them are looked at. */
export const MOST_IMPORTS = 50;

/** The reference that an import is for. */
export function importedReference(job: Pick<JobOut, "config" | "name">): string {
  const { reference } = job.config;
  return typeof reference === "string" ? reference : job.name;
}

/** Imports to show: of each reference the newest, unless that one has brought its model or the model has come another way. */
export function shownImports(jobs: readonly JobOut[], known: ReadonlySet<string>): JobOut[] {
  const newest = new Map<string, JobOut>();
  for (const job of jobs) {
    const other = newest.get(importedReference(job));
    if (!other || other.created_at < job.created_at) newest.set(importedReference(job), job);
  }
  const isOver = (job: JobOut) => job.state === "failed" || job.state === "cancelled";
  return [...newest.values()].filter((job) => job.state !== "completed" && !(isOver(job) && known.has(importedReference(job))));
}
