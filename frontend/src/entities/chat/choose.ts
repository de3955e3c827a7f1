import type { ChatModelOut } from "@/lib/api/generated/types.gen";

/** In the address: no second model. */
export const NOBODY = "-";

export interface Asking {
  /** `?model=`: who answers on the left. */
  model: string | null;
  /** `?base=`: who answers beside it, or NOBODY. */
  base: string | null;
}

export interface Chosen {
  left: string | null;
  right: string | null;
}

/**
 * Who answers: as the address says, else as the conversation did, else the newest tuned model beside its own base.
 * A name that is not known is kept, so that the page can say what is wrong with it.
 */
export function chooseModels(models: readonly ChatModelOut[], asking: Asking, session: readonly string[] | null): Chosen {
  const asked = asking.model === null ? null : fullName(models, asking.model);
  const left = asked ?? session?.[0] ?? (models.find((one) => one.servable)?.name || null);
  if (left === null) return { left, right: null };
  return { left, right: apart(left, beside(models, { ...asking, model: asked }, session, left)) };
}

/** A name, an id, or the last word of a tuned model's name (`faq`): the newest of those. */
function fullName(models: readonly ChatModelOut[], asked: string): string {
  const exact = models.find((one) => one.name === asked || one.id === asked);
  const found = exact ?? models.find((one) => one.kind === "deployment" && one.name.split(":").at(-2) === asked);
  return found?.name ?? asked;
}

function beside(models: readonly ChatModelOut[], asking: Asking, session: readonly string[] | null, left: string) {
  if (asking.base === NOBODY) return null;
  if (asking.base !== null) return fullName(models, asking.base);
  if (session && (asking.model === null || asking.model === session[0])) return session[1] ?? null;
  return baseOf(models, left);
}

/** The base a tuned model can be compared with. */
export function baseOf(models: readonly ChatModelOut[], name: string): string | null {
  const tuned = models.find((one) => one.kind === "deployment" && one.name === name);
  const base = models.find((one) => one.kind === "base" && one.servable && one.name === tuned?.base_reference);
  return base?.name ?? null;
}

const SOURCES: ReadonlySet<string> = new Set(["bundled", "hf", "ollama"]);

/** The last part of a reference says enough where there is little room. */
export function shortName(name: string): string {
  const [source = "", ...rest] = name.split(":");
  const path = rest.join(":");
  if (source === "ft") return rest.slice(-2).join(":");
  if (source === "path") return path.split("/").filter(Boolean).at(-1) ?? path;
  // `smollm2:135m` has no source: it is a name of Ollama's, tag and all.
  return SOURCES.has(source) && path !== "" ? path.replace(/@([0-9a-f]{7})[0-9a-f]{5,}$/, "@$1") : name;
}

function apart(left: string, right: string | null): string | null {
  return right === left ? null : right;
}
