const NAMESPACE = "llmlora";
const NAMELESS = "job";
const LONGEST_SLUG = 60;
const NOT_ASCII = /[^\u0000-\u007f]/g;

/** What a model is registered as when nobody names it; the job's own eight characters are not known before it is made. */
export function defaultTag(jobName: string, quantisation: string): string {
  const plain = jobName.normalize("NFKD").replace(NOT_ASCII, "").toLowerCase();
  const slug = plain.replace(/[^a-z0-9]+/g, "-").slice(0, LONGEST_SLUG).replace(/^-+|-+$/g, "");
  return `${NAMESPACE}/${slug || NAMELESS}-…:${quantisation.toLowerCase()}`;
}
