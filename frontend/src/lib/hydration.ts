import { useNow, useTimeZone } from "next-intl";
import { useSyncExternalStore } from "react";

const NEVER = () => () => undefined;

/** Whether this is the page as the server drew it: React takes it over only if the browser draws the very same. */
export function useIsHydrating(): boolean {
  return useSyncExternalStore(NEVER, () => false, () => true);
}

/** The server's moment while the page is as the server drew it, in milliseconds; then null. */
export function useServerMoment(): number | null {
  const delivered = useNow().getTime();
  return useIsHydrating() ? delivered : null;
}

/** The browser's time zone; the server's while the page is as the server drew it. */
export function useZone(): string | undefined {
  const delivered = useTimeZone();
  return useSyncExternalStore(NEVER, browserZone, () => delivered);
}

function browserZone(): string {
  return new Intl.DateTimeFormat().resolvedOptions().timeZone;
}
