import type { Route } from "next";

import type { FoundOut } from "./api/generated/types.gen";

/** What people collect, and keep in order. */
export type ThingKind = FoundOut["kind"];

/** Addresses of pages, with what the page at the end of each begins with. */
export const ADD_DATA = "/datasets?add=1" as Route;

export const OLLAMA_MODELS = "/models#ollama" as Route;
export const FIND_MODEL = "/models/find" as Route;
export const HUB_ACCESS = "/models#hugging-face" as Route;

export function datasetPage(id: string): Route {
  return `/datasets/${encodeURIComponent(id)}` as Route;
}

export function jobPage(id: string): Route {
  return `/training/${encodeURIComponent(id)}` as Route;
}

/** Where a deployed model is tried: by talking to it, or by what it predicts. */
export function tryPage({ id, name, predictor }: { id: string; name: string; predictor?: object | null }): Route {
  return predictor ? withQuery("/playground", { deployment: id }) : chatWith(name);
}

export const EVALUATIONS = "/evaluate" as Route;

/** `other`: beside which one it is shown. */
export function evaluationPage(id: string, other?: string): Route {
  return withQuery(`/evaluate/${encodeURIComponent(id)}`, { with: other });
}

/** `anchor`: of a section, the same in every language. */
export function coursePage(level: number, anchor?: string): Route {
  return `/learn/${level}${anchor ? `#${anchor}` : ""}` as Route;
}

/** Where a thing that is labelled, searched for or needed is looked at. */
export function thingPage(kind: ThingKind, id: string): Route {
  switch (kind) {
    case "dataset":
      return datasetPage(id);
    case "job":
      return jobPage(id);
    case "base_model":
      return withQuery("/models", { base: id });
    case "deployment":
      return withQuery("/models", { deployment: id });
    case "chat":
      return withQuery("/chat", { session: id });
  }
}

interface NewTraining {
  dataset?: string;
  base?: string;
  /** The job whose settings it begins with. */
  from?: string;
}

export function newTraining(given: NewTraining = {}): Route {
  return withQuery("/training/new", { ...given });
}

export function comparison(jobIds: readonly string[]): Route {
  return `/training/compare?ids=${jobIds.map(encodeURIComponent).join(",")}` as Route;
}

/** Without `base` the page finds the tuned model's own; `NO_BASE`: one model alone. */
export function chatWith(model: string, base?: string | null): Route {
  return withQuery("/chat", { model, base: base ?? undefined });
}

export const NO_BASE = "-";

function withQuery(path: string, given: Record<string, string | undefined>): Route {
  const query = new URLSearchParams(Object.entries(given).flatMap(([key, value]) => (value ? [[key, value]] : [])));
  return (query.size > 0 ? `${path}?${query.toString()}` : path) as Route;
}
