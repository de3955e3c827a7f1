import type { QueryClient } from "@tanstack/react-query";

/**
 * What a page asks the API for first. The server of the pages asks it too (`app/first-answers.tsx`), with the very
 * options that the page's hooks use. What fails there is asked again by the page.
 */
export type Reads = (client: QueryClient) => readonly Promise<unknown>[];

const SHORT_MS = 250;

/** For what may take seconds, and is mostly known: a page waits for it a moment only, and then asks for it itself. */
export function ifKnown(answer: Promise<unknown>): Promise<unknown> {
  return Promise.race([answer, new Promise((resolve) => setTimeout(resolve, SHORT_MS))]);
}
