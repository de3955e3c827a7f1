/** What a page may load and run, in the words of one answer. */
interface Policy {
  /** Of this answer alone. */
  nonce: string;
  /** The API's address, without a slash at the end. */
  apiUrl: string;
  isDevelopment?: boolean;
}

/** What sonner puts into the head by itself, without a nonce: an empty element, then its styles (a test computes them anew). */
export const SONNER_STYLES =
  "'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=' 'sha256-StEaX+se6YS7pqjzrzMIA0KaX9zF/8zAhvQXZAe5epY='";

/**
 * The Content-Security-Policy of a page. Scripts: our own files, and inline only with the nonce. Style elements and files
 * the same. Style *attributes* are allowed: widths, heights and places that were measured are drawn by the server as
 * `style="…"`, which no nonce can name; they run nothing and load nothing (`img-src`, `font-src`).
 */
export function contentSecurityPolicy({ nonce, apiUrl, isDevelopment = false }: Policy): string {
  const api = isHttp(apiUrl) ? `${apiUrl} ${apiUrl.replace(/^http/, "ws")}` : "";
  const own = `'self' 'nonce-${nonce}'`;
  return [
    "default-src 'none'",
    `script-src ${own}${isDevelopment ? " 'unsafe-eval'" : ""}`,
    "script-src-attr 'none'",
    `style-src ${own} ${SONNER_STYLES}`,
    "style-src-attr 'unsafe-inline'",
    `img-src 'self' blob: data: ${isHttp(apiUrl) ? apiUrl : ""}`.trimEnd(),
    "font-src 'self'",
    `connect-src 'self' ${api}`.trimEnd(),
    "manifest-src 'self'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ].join("; ");
}

/** A policy is split at spaces, commas and semicolons: an address that has one names nothing. */
function isHttp(address: string): boolean {
  return /^https?:\/\/[^\s;,'"/?#]+$/.test(address);
}
