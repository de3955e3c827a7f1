/**
 * What a page asks the API for first, asked for while its scripts are still on their way: the answers are there when the
 * page is ready to show them. `EARLY_READS` is written into the page by the server; `apiFetch` takes the answers.
 */

/** Written into the page by the server that delivers it. */
export interface Runtime {
  apiUrl?: string | undefined;
  apiPort?: number | undefined;
  /** Answers by address, each taken once; null when there was none. */
  early?: Record<string, Promise<Response | null>>;
}

const EVERYWHERE = ["/api/system", "/api/system/resources", "/api/datasets?limit=50"] as const;
const DATASETS = "/api/datasets?limit=200";
const BASES = "/api/base-models?limit=100";
const RECIPES = "/api/recipes";
const IMPORTS = "/api/training/jobs?recipe=import_base_model&state=pending&state=queued&state=running&limit=50";
const PULLS = "/api/training/jobs?recipe=pull_ollama_model&recipe=deploy_ollama&limit=50";
const OTHERS =
  "/api/training/jobs?recipe=import_base_model&recipe=pull_ollama_model&recipe=export_gguf&recipe=deploy_llama_cpp&recipe=deploy_ollama&limit=200";

/** Pages and their first reads; `*` is the last part of the page's path. The visual flow fails on one that is not taken. */
export const EARLY_READS: readonly (readonly [page: string, reads: readonly string[]])[] = [
  ["/", ["/api/training/jobs?state=running&state=queued&state=pending&limit=50", "/api/training/jobs?recipe=text_lora&limit=6", "/api/deployments?limit=6", RECIPES]],
  ["/datasets", []],
  ["/datasets/*", ["/api/datasets/*", BASES, "/api/datasets/*/rows?offset=0&limit=50", "/api/training/jobs?dataset_id=*&limit=50"]],
  ["/models", [BASES, "/api/deployments?limit=50", "/api/models", IMPORTS, PULLS]],
  ["/training", [RECIPES, "/api/training/jobs?state=queued&limit=200", DATASETS, "/api/training/jobs?recipe=text_lora&limit=50", OTHERS]],
  ["/training/new", [RECIPES, DATASETS, BASES, "/api/models"]],
  ["/training/compare", [RECIPES, "/api/training/jobs?recipe=text_lora&limit=200"]],
  ["/training/*", ["/api/training/jobs/*", DATASETS, RECIPES]],
  ["/chat", ["/api/chat/sessions?limit=50", "/api/chat/models"]],
  ["/system", ["/api/system/doctor", RECIPES, "/api/training/jobs?state=completed&state=failed&state=cancelled&limit=8"]],
];

/** The API's address without a slash at the end: as the server was told, else the page's own host. */
export function addressOf({ apiUrl, apiPort = 8000 }: Runtime, { protocol, hostname }: { protocol: string; hostname: string }): string {
  return (apiUrl || `${protocol}//${hostname}:${apiPort}`).replace(/\/+$/, "");
}

/** A script for the page's head: says where the API is, and asks it. */
export function earlyScript(runtime: Runtime): string {
  const given = [runtime, EVERYWHERE, EARLY_READS].map((value) => JSON.stringify(value).replace(/</g, "\\u003c"));
  return `(${ask.toString()})(${addressOf.toString()},${given.join(",")})`;
}

/** Runs in the page, as text: it can use nothing but what it is given. */
function ask(address: typeof addressOf, runtime: Runtime, everywhere: typeof EVERYWHERE, pages: typeof EARLY_READS): void {
  const path = window.location.pathname;
  const [parent, last] = [path.slice(0, path.lastIndexOf("/")), path.slice(path.lastIndexOf("/") + 1)];
  const here = pages.find(([page]) => page === path) ?? pages.find(([page]) => page === `${parent}/*`);
  const headers = { "accept-language": document.documentElement.lang };
  const early: Record<string, Promise<Response | null>> = {};
  for (const read of [...(here?.[1] ?? []), ...everywhere]) {
    const url = address(runtime, window.location) + read.replace("*", last);
    early[url] = fetch(url, { credentials: "include", headers }).catch(() => null);
  }
  window.__LLMLORA__ = { ...runtime, early };
}

/** The answer to a request that was asked early, or null: ask now. */
export async function takeEarly({ method, url }: Request): Promise<Response | null> {
  const early = typeof window === "undefined" ? undefined : window.__LLMLORA__?.early;
  const answer = method === "GET" ? early?.[url] : undefined;
  if (!early || !answer) return null;
  delete early[url];
  return answer;
}
