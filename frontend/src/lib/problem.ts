import { manualPage } from "./manual";

/** The wire's form of an error: RFC 9457 with a stable `code` and sentences per field. */
interface WireProblem {
  type?: string;
  status: number;
  code: string;
  detail: string;
  errors?: { pointer: string; detail: string }[];
  request_id?: string | null;
}

interface ProblemFacts {
  status?: number;
  detail?: string;
  page?: string | null;
  errors?: Readonly<Record<string, string>>;
  requestId?: string | null;
  retryAfterS?: number | null;
  cause?: unknown;
}

/** Codes of this side; the API has no sentence for them, so pages translate the code. */
export const NETWORK = "network";
export const UNREADABLE = "unreadable_answer";
export const BROKEN_STREAM = "broken_stream";

/**
 * Every failure of a request, stream or upload. `detail` says what to change, in the page's language, unless it is
 * empty: then `needsWords`, and the page says it by `code`. `errors` maps a JSON pointer to its sentence.
 */
export class ProblemError extends Error {
  override readonly name = "ProblemError";
  readonly status: number;
  readonly code: string;
  readonly detail: string;
  /** What the manual says of it, as an address of the API; null for what did not come from there. */
  readonly page: string | null;
  readonly errors: Readonly<Record<string, string>>;
  readonly requestId: string | null;
  readonly retryAfterS: number | null;

  constructor(code: string, facts: ProblemFacts = {}) {
    super(facts.detail || code, { cause: facts.cause });
    this.code = code;
    this.status = facts.status ?? 0;
    this.detail = facts.detail ?? "";
    this.page = facts.page ?? null;
    this.errors = facts.errors ?? {};
    this.requestId = facts.requestId ?? null;
    this.retryAfterS = facts.retryAfterS ?? null;
  }

  get needsWords(): boolean {
    return this.detail === "";
  }

  /** Whether the same request may work in a moment. */
  get isPassing(): boolean {
    return this.code === NETWORK || this.status === 503;
  }
}

/** A problem document, wherever it came from (a response, a stream, a socket). */
export function problemFrom(document: unknown, facts: ProblemFacts = {}): ProblemError {
  if (!isWireProblem(document)) return new ProblemError(UNREADABLE, facts);
  return new ProblemError(document.code, {
    ...facts,
    status: document.status,
    detail: document.detail,
    page: manualPage(document.type),
    requestId: document.request_id ?? facts.requestId ?? null,
    errors: Object.fromEntries((document.errors ?? []).map((one) => [one.pointer, one.detail])),
  });
}

/** The problem of a response that is not ok. Reads its body. */
export async function problemOfResponse(response: Response): Promise<ProblemError> {
  const facts = {
    status: response.status,
    requestId: response.headers.get("x-request-id"),
    retryAfterS: secondsOf(response.headers.get("retry-after")),
  };
  const text = await response.text().catch(() => "");
  try {
    return problemFrom(JSON.parse(text), facts);
  } catch (cause) {
    return new ProblemError(UNREADABLE, { ...facts, cause });
  }
}

/** Whether this is the end of a request that somebody gave up, which is no failure. */
export function isAbort(error: unknown): boolean {
  return error instanceof Error && error.name === "AbortError";
}

/** Any thrown value as a problem. */
export function asProblem(error: unknown): ProblemError {
  if (error instanceof ProblemError) return error;
  return new ProblemError(NETWORK, { cause: error });
}

function isWireProblem(value: unknown): value is WireProblem {
  if (typeof value !== "object" || value === null) return false;
  const { status, code, detail } = value as Record<string, unknown>;
  return typeof status === "number" && typeof code === "string" && typeof detail === "string";
}

function secondsOf(header: string | null): number | null {
  if (header === null) return null;
  const seconds = Number(header);
  if (Number.isFinite(seconds)) return Math.max(0, seconds);
  const moment = Date.parse(header);
  return Number.isNaN(moment) ? null : Math.max(0, (moment - Date.now()) / 1000);
}
