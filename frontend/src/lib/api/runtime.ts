/** What the page is told by the server that delivers it. */
export interface Runtime {
  apiUrl?: string | undefined;
  apiPort?: number | undefined;
}

declare global {
  interface Window {
    __LLMLORA__?: Runtime;
  }
}

/** A script for the page's head: says where the API is. */
export function runtimeScript(runtime: Runtime): string {
  return `window.__LLMLORA__=${JSON.stringify(runtime).replace(/</g, "\\u003c")}`;
}

/** The API's address without a slash at the end: as the server was told, else the page's own host. */
export function addressOf({ apiUrl, apiPort = 8000 }: Runtime, { protocol, hostname }: { protocol: string; hostname: string }): string {
  return (apiUrl || `${protocol}//${hostname}:${apiPort}`).replace(/\/+$/, "");
}
