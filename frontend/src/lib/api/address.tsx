"use client";

import { createContext, type ReactNode, useCallback, useContext, useSyncExternalStore } from "react";

import { apiUrl } from "./client";

const Drawn = createContext("");

/** The API's address as whoever asked for the page reaches it: what the server draws into links and commands. */
export function ApiAddress({ url, children }: { url: string; children: ReactNode }) {
  return <Drawn value={url}>{children}</Drawn>;
}

const never = () => () => undefined;

/** The API's address for what is drawn. `apiUrl` is for requests: on the server of the pages it names the way from there. */
export function useApiUrl(): string {
  const drawn = useContext(Drawn);
  return useSyncExternalStore(never, apiUrl, () => drawn || apiUrl());
}

/** Makes an absolute address of the API for a link, such as a download. */
export function useApiLink(): (path: string) => string {
  const url = useApiUrl();
  return useCallback((path: string) => url + path, [url]);
}
