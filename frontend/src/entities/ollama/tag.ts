const NAMESPACE = "llmlora";
const NAMELESS = "job";
const LONGEST_SLUG = 60;
const NOT_ASCII = /[^\u0000-\u007f]/g;

/**
 * What a model is registered as when nobody names it, as far as that is known: the job's own eight characters come with
 * the job, and so does the name of a job that has none yet.
 */
export function defaultTag(jobName: string, quantisation: string): string {
  const end = `…:${quantisation.toLowerCase()}`;
  if (jobName.trim() === "") return `${NAMESPACE}/${end}`;
  const plain = jobName.normalize("NFKD").replace(NOT_ASCII, "").toLowerCase();
  const slug = plain.replace(/[^a-z0-9]+/g, "-").slice(0, LONGEST_SLUG).replace(/^-+|-+$/g, "");
  return `${NAMESPACE}/${slug || NAMELESS}-${end}`;
}
