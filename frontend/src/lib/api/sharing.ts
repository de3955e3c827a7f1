import { replaceEqualDeep } from "@tanstack/react-query";

/** `structuralSharing` as a query takes it. */
type Sharing = (cached: unknown, fetched: unknown) => unknown;

/**
 * `structuralSharing` for answers that the cache may be ahead of: `merge` says what a fetched answer becomes beside the
 * cached one. What comes out equal stays the very object that was there. This is no luxury: while the data of an earlier
 * key stand in (`placeholderData`), an observer shares them anew at every drawing, and a new object there draws for ever.
 */
export function sharedAfter<Data>(merge: (cached: Data | undefined, fetched: Data) => Data): Sharing {
  return (cached, fetched) => replaceEqualDeep(cached as Data | undefined, merge(cached as Data | undefined, fetched as Data));
}
