import { type Draft, EMPTY_DRAFT } from "./draft";

const PREFIX = "llmlora:new-training:";

/** What a draft belongs to: the job that is duplicated, the data set and the base model, as the address names them. */
export interface DraftAddress {
  from: string | null;
  dataset: string | null;
  base: string | null;
}

/** One word for an address; two addresses share it only when they name the same things. */
export function draftKey({ from, dataset, base }: DraftAddress): string {
  return JSON.stringify([from, dataset, base]);
}

/** This tab's draft for an address, as far as it can still be read; never that of another address. */
export function loadDraft(key: string): Draft {
  try {
    const stored: unknown = JSON.parse(sessionStorage.getItem(PREFIX + key) ?? "null");
    return typeof stored === "object" && stored !== null ? repaired(stored as Record<string, unknown>) : EMPTY_DRAFT;
  } catch {
    return EMPTY_DRAFT;
  }
}

export function saveDraft(key: string, draft: Draft): void {
  try {
    sessionStorage.setItem(PREFIX + key, JSON.stringify(draft));
  } catch {
    // Full or forbidden storage: the form works, it only does not survive a reload.
  }
}

export function forgetDraft(key: string): void {
  try {
    sessionStorage.removeItem(PREFIX + key);
  } catch {
    // As above.
  }
}

function repaired(stored: Record<string, unknown>): Draft {
  const text = (value: unknown): string | null => (typeof value === "string" ? value : null);
  const edits = typeof stored["edits"] === "object" && stored["edits"] !== null ? Object.entries(stored["edits"]) : [];
  return {
    from: text(stored["from"]),
    base: text(stored["base"]),
    dataset: text(stored["dataset"]),
    rows: null,
    recipe: text(stored["recipe"]) ?? EMPTY_DRAFT.recipe,
    preset: text(stored["preset"]),
    edits: Object.fromEntries(edits.filter(([, raw]) => typeof raw === "string" || typeof raw === "boolean")),
    target: stored["target"] === null ? null : (text(stored["target"]) ?? EMPTY_DRAFT.target),
    form: text(stored["form"]) ?? EMPTY_DRAFT.form,
    deployName: text(stored["deployName"]) ?? "",
    context: text(stored["context"]) ?? "",
    tag: text(stored["tag"]) ?? "",
    replace: false,
    name: text(stored["name"]) ?? "",
  };
}
