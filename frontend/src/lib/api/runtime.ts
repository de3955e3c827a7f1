/** What the page is told by the server that delivers it. */
export interface Runtime {
  apiUrl?: string | undefined;
  apiPort?: number | undefined;
  /** The page listens: what was pressed before is pressed again. */
  ready?: () => void;
}

declare global {
  interface Window {
    __LLMLORA__?: Runtime;
  }
}

/** A script for the page's head: says where the API is, and keeps what is pressed until the page listens. */
export function runtimeScript(runtime: Runtime): string {
  return `(${begin.toString()})(${JSON.stringify(runtime).replace(/</g, "\\u003c")})`;
}

/** Runs in the page, as text: it can use nothing but what it is given. */
function begin(runtime: Runtime): void {
  const pressed: HTMLElement[] = [];
  const keep = (event: Event) => {
    const button = event.target instanceof Element ? event.target.closest("button, [role=button], [role=tab]") : null;
    if (button instanceof HTMLElement) pressed.push(button);
    if (event.type === "submit" || button?.getAttribute("type") === "submit") event.preventDefault();
  };
  for (const type of ["click", "submit"]) document.addEventListener(type, keep, true);
  const ready = () => {
    for (const type of ["click", "submit"]) document.removeEventListener(type, keep, true);
    document.documentElement.dataset.ready = "true";
    for (const button of pressed.splice(0)) if (button.isConnected) button.click();
  };
  window.__LLMLORA__ = { ...runtime, ready };
}

/** The API's address without a slash at the end: as the server was told, else the page's own host. */
export function addressOf({ apiUrl, apiPort = 8000 }: Runtime, { protocol, hostname }: { protocol: string; hostname: string }): string {
  return (apiUrl || `${protocol}//${hostname}:${apiPort}`).replace(/\/+$/, "");
}
