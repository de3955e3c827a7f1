import { useJobs } from "@/entities/job/use-jobs";
import { importedReference, IMPORTS, MOST_IMPORTS, shownImports } from "@/entities/model/imports";
import type { JobOut } from "@/lib/api/generated/types.gen";

const NONE: ReadonlySet<string> = new Set();

/** The import of a reference that is under way, or that did not bring its model. */
export function useImports(): (reference: string) => JobOut | null {
  const { jobs } = useJobs(IMPORTS, MOST_IMPORTS);
  const shown = shownImports(jobs, NONE);
  return (reference) => shown.find((job) => importedReference(job) === reference) ?? null;
}
