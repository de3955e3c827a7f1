/** What a person wrote as a base model, put into the form the API takes. */
export type Written =
  | { kind: "empty" }
  | { kind: "reference"; source: "bundled" | "path" | "hf" | "ollama"; reference: string }
  | { kind: "wrong"; why: "hub" | "path" | "ollama" | "form" };

const HUB_NAME = /^(?:[\w.-]{1,96}\/)?[\w.-]{1,96}$/;
const REVISION = /^[\w./-]{1,128}$/;
const OLLAMA_NAME = /^(?:\w[\w-]{0,79}\/)?\w[\w.-]{0,79}(?::\w[\w.-]{0,79})?(?:@[0-9a-f]{12,64})?$/;
const HUB_PAGE = /^https?:\/\/(?:www\.)?(?:huggingface\.co|hf\.co)\/([\w.-]+\/[\w.-]+)(?:\/(?:tree|commit|blob)\/([^/?#]+))?/;

/** Also takes what lies at hand: a page of the hub, `owner/name`, an absolute path. */
export function readReference(text: string): Written {
  const written = text.normalize("NFKC").trim();
  if (written === "") return { kind: "empty" };
  const page = HUB_PAGE.exec(written);
  if (page?.[1]) return hub(page[1] + (page[2] && page[2] !== "main" ? `@${page[2]}` : ""));
  if (written.startsWith("/") || written.startsWith("~/")) return path(written);
  const [source, ...rest] = written.split(":");
  const name = rest.join(":").trim();
  if (source === "hf") return hub(name);
  if (source === "path") return path(name);
  if (source === "ollama") return OLLAMA_NAME.test(name) ? { kind: "reference", source, reference: `ollama:${name}` } : { kind: "wrong", why: "ollama" };
  if (source === "bundled" && name) return { kind: "reference", source, reference: `bundled:${name}` };
  if (rest.length === 0 && /^[\w.-]+\/[\w.-]+(@.+)?$/.test(written)) return hub(written);
  return { kind: "wrong", why: "form" };
}

function hub(name: string): Written {
  const [repository = "", revision] = name.split("@", 2);
  const isName = HUB_NAME.test(repository) && !repository.includes("..") && !/^[.-]/.test(repository);
  const isRevision = revision === undefined || (REVISION.test(revision) && !revision.includes(".."));
  if (!isName || !isRevision) return { kind: "wrong", why: "hub" };
  return { kind: "reference", source: "hf", reference: `hf:${name}` };
}

function path(name: string): Written {
  if (!/^(\/|~\/).+/.test(name)) return { kind: "wrong", why: "path" };
  return { kind: "reference", source: "path", reference: `path:${name}` };
}

/** `bundled:smollm2-135m-instruct` as `smollm2-135m-instruct`: for places that say elsewhere where it is from. */
export function shortReference(reference: string): string {
  return reference.replace(/^(bundled|hf|ollama):/, "").replace(/@([0-9a-f]{7})[0-9a-f]{5,}$/, "@$1").replace(/^path:.*\/(?=[^/]+\/?$)/, "");
}
