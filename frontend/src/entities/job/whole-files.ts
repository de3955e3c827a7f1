import { linkTo } from "@/lib/api/client";

/** Where every point of some curves of a job is a CSV file. */
export function pointsFile(jobId: string, names: readonly string[]): string {
  const asked = new URLSearchParams(names.map((name) => ["name", name]));
  return linkTo(`/api/training/jobs/${encodeURIComponent(jobId)}/metrics.csv?${asked.toString()}`);
}

/** Where every point of the curves (all, or those named) of several jobs is a CSV file. */
export function comparedPointsFile(jobIds: readonly string[], names: readonly string[] = []): string {
  const asked = new URLSearchParams([...jobIds.map((id) => ["job_id", id]), ...names.map((name) => ["name", name])]);
  return linkTo(`/api/training/metrics.csv?${asked.toString()}`);
}

/** Where the whole log of a job is a text file. */
export function logFile(jobId: string): string {
  return linkTo(`/api/training/jobs/${encodeURIComponent(jobId)}/log.txt`);
}
