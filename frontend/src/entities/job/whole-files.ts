/** The path of the CSV file that holds every point of some curves of a job. */
export function pointsFile(jobId: string, names: readonly string[]): string {
  const asked = new URLSearchParams(names.map((name) => ["name", name]));
  return `/api/training/jobs/${encodeURIComponent(jobId)}/metrics.csv?${asked.toString()}`;
}

/** The path of the CSV file that holds every point of the curves (all, or those named) of several jobs. */
export function comparedPointsFile(jobIds: readonly string[], names: readonly string[] = []): string {
  const asked = new URLSearchParams([...jobIds.map((id) => ["job_id", id]), ...names.map((name) => ["name", name])]);
  return `/api/training/metrics.csv?${asked.toString()}`;
}

/** The path of the text file that holds the whole log of a job. */
export function logFile(jobId: string): string {
  return `/api/training/jobs/${encodeURIComponent(jobId)}/log.txt`;
}
