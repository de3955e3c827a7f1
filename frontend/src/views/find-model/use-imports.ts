import { useJobs } from "@/entities/job/use-jobs";
import { importedReference, importsOf, MOST_IMPORTS, shownImports } from "@/entities/model/imports";
import { bookOf } from "@/entities/recipe/book";
import { useRecipes } from "@/entities/recipe/queries";
import type { JobOut } from "@/lib/api/generated/types.gen";

const NONE: ReadonlySet<string> = new Set();

/** The import of a reference that is under way, or that did not bring its model. */
export function useImports(): (reference: string) => JobOut | null {
  const { data: recipes } = useRecipes();
  const { jobs } = useJobs(importsOf(bookOf(recipes)), MOST_IMPORTS, recipes !== undefined);
  const shown = shownImports(jobs, NONE);
  return (reference) => shown.find((job) => importedReference(job) === reference) ?? null;
}
