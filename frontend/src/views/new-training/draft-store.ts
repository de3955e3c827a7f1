import { PRESETS } from "@/entities/recipe/presets";

import { type Draft, EMPTY_DRAFT, FINISHES, OLLAMA_FORMS } from "./draft";

const KEY = "llmlora:new-training";

/** The draft of this tab, as far as it can still be read. */
export function loadDraft(): Draft {
  try {
    const stored: unknown = JSON.parse(sessionStorage.getItem(KEY) ?? "null");
    return typeof stored === "object" && stored !== null ? repaired(stored as Record<string, unknown>) : EMPTY_DRAFT;
  } catch {
    return EMPTY_DRAFT;
  }
}

export function saveDraft(draft: Draft): void {
  try {
    sessionStorage.setItem(KEY, JSON.stringify(draft));
  } catch {
    // Full or forbidden storage: the form works, it only does not survive a reload.
  }
}

export function forgetDraft(): void {
  try {
    sessionStorage.removeItem(KEY);
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
    preset: PRESETS.find((one) => one === stored["preset"]) ?? EMPTY_DRAFT.preset,
    edits: Object.fromEntries(edits.filter(([, raw]) => typeof raw === "string" || typeof raw === "boolean")),
    finish: FINISHES.find((one) => one === stored["finish"]) ?? EMPTY_DRAFT.finish,
    deployName: text(stored["deployName"]) ?? "",
    context: text(stored["context"]) ?? "",
    ollamaForm: OLLAMA_FORMS.find((one) => one === stored["ollamaForm"]) ?? EMPTY_DRAFT.ollamaForm,
    tag: text(stored["tag"]) ?? "",
    replace: false,
    name: text(stored["name"]) ?? "",
  };
}
