import type { QueryClient } from "@tanstack/react-query";

/**
 * What a page asks the API for first. The server of the pages asks it too (`app/first-answers.tsx`), with the very
 * options that the page's hooks use. What fails there is asked again by the page.
 */
export type Reads = (client: QueryClient) => readonly Promise<unknown>[];
