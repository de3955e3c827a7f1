import type { CreateClientConfig } from "./generated/client.gen";
import { addressOf } from "./runtime";
import { announceUnauthorized } from "./unauthorized";
import { isAbort, NETWORK, ProblemError, problemOfResponse } from "../problem";

/** Where requests reach the API, without a slash at the end; read when it is needed, not when the pages are built. What is drawn: `useApiUrl`. */
export function apiUrl(): string {
  if (typeof window === "undefined") return process.env.LLMLORA_API_INNER_URL || addressOf({}, { protocol: "http:", hostname: "127.0.0.1" });
  return addressOf(window.__LLMLORA__ ?? {}, window.location);
}

/** The address of the API's one socket. */
export function socketUrl(): string {
  return `${apiUrl().replace(/^http/, "ws")}/ws`;
}

type Prepare = (request: Request) => Request | Promise<Request>;

let prepare: Prepare = (request) => {
  const language = typeof document === "undefined" ? "" : document.documentElement.lang;
  if (language) request.headers.set("accept-language", language);
  return request;
};

/** From now on requests are prepared another way: the server of the pages asks in the name of those it delivers to. */
export function prepareRequests(how: Prepare): void {
  prepare = how;
}

/**
 * `fetch` as every call to the API makes it: with cookies, in the page's language, and with one kind of error.
 *
 * @throws ProblemError for every answer that is not ok, and (code `network`) when there is none.
 */
export async function apiFetch(input: RequestInfo | URL, init?: RequestInit): Promise<Response> {
  const request = await prepare(new Request(input, { credentials: "include", ...init }));
  const response = await answerTo(request);
  if (response.ok) return response;
  if (response.status === 401) announceUnauthorized();
  throw await problemOfResponse(response);
}

async function answerTo(request: Request): Promise<Response> {
  try {
    return await globalThis.fetch(request);
  } catch (cause) {
    if (isAbort(cause)) throw cause;
    throw new ProblemError(NETWORK, { cause });
  }
}

/** What the generated client begins with. */
export const createClientConfig: CreateClientConfig = (config) => ({
  ...config,
  baseUrl: apiUrl(),
  credentials: "include",
  fetch: apiFetch,
  throwOnError: true,
});
