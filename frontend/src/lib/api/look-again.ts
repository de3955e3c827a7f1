import { hashKey, type InfiniteData, type QueryClient, type QueryFunctionContext, type QueryKey } from "@tanstack/react-query";

/**
 * Long lists that are looked at again and again: a look asks for the first page and one of the others in turn, not for
 * every page that was loaded. What a person does (and the first look of a page) still fetches all of them.
 */

interface Row {
  id: string;
  created_at: string;
}

interface RowPage<One extends Row> {
  data: One[];
  next: string | null;
}

/** As the API bounds it. */
const LARGEST_PAGE = 200;
/** Rows of the first page may have grown by these since it was asked for. */
const ROOM = 10;

/** By the hash of a query's key: that its next fetch is a look, which page beside the first the last one took, whether the fetch under way is one. */
const wanted = new Set<string>();
const turns = new Map<string, number>();
const looking = new Set<string>();

type FetchPage<One extends Row, Page extends RowPage<One>> = (after: string | null, limit: number, signal: AbortSignal) => Promise<Page>;

type Renew<One extends Row, Page extends RowPage<One>> = (known: Page & RowPage<One>, fetched: Page & RowPage<One>) => Page;

/** The `queryFn` of a list, newest first, whose pages are `limit` long; `renew`: of a list in another order (`samePlace`). */
export function pagesOf<One extends Row, Page extends RowPage<One>>(limit: number, fetchPage: FetchPage<One, Page>, renew: Renew<One, Page> = renewedPage) {
  return async ({ client, queryKey, pageParam, signal }: QueryFunctionContext<QueryKey, string | null>): Promise<Page> => {
    const cached = client.getQueryData<InfiniteData<Page, string | null>>(queryKey);
    const place = cached ? cached.pageParams.indexOf(pageParam) : -1;
    const known = cached?.pages[place];
    const key = hashKey(queryKey);
    if (place === 0 && !beginsLook(key)) looking.delete(key);
    if (!known || !looking.has(key)) return fetchPage(pageParam, limit, signal);
    if (place > 0 && place !== turnOf(key, cached?.pages.length ?? 0)) return known;
    const size = Math.min(LARGEST_PAGE, Math.max(limit, known.data.length + ROOM));
    return renew(known, await fetchPage(pageParam, size, signal));
  };
}

/** Look at the lists below a key again, if they are shown; the others when they next are. */
export function lookAgain(client: QueryClient, queryKey: QueryKey): Promise<void> {
  for (const query of client.getQueryCache().findAll({ queryKey, type: "active" })) wanted.add(query.queryHash);
  return client.invalidateQueries({ queryKey }, { cancelRefetch: false });
}

/**
 * A page after another look: it keeps its end, where the next begins. The answer says all about the stretch it covers;
 * what is known beyond stays. Where so much is new that they do not meet, the answer stands for the page.
 */
export function renewedPage<One extends Row, Page extends RowPage<One>>(known: Page & RowPage<One>, fetched: Page & RowPage<One>): Page {
  const [first, last] = [known.data[0], known.data[known.data.length - 1]];
  const end = fetched.data[fetched.data.length - 1];
  if (!first || !last || (known.next === null && fetched.next === null)) return fetched;
  if (fetched.next !== null && end && isNewer(end, first)) return fetched;
  const inside = known.next === null ? fetched.data : fetched.data.filter((row) => !isNewer(last, row));
  const beyond = fetched.next === null || !end ? [] : known.data.filter((row) => isNewer(end, row));
  return { ...fetched, data: [...inside, ...beyond], next: known.next };
}

/** A page of a list in another order after another look: it begins where it did, and the next begins where that did. */
export function samePlace<One extends Row, Page extends RowPage<One>>(known: Page & RowPage<One>, fetched: Page & RowPage<One>): Page {
  return { ...fetched, next: known.next ?? fetched.next };
}

function isNewer(one: Row, other: Row): boolean {
  return one.created_at === other.created_at ? one.id > other.id : one.created_at > other.created_at;
}

function beginsLook(key: string): boolean {
  if (!wanted.delete(key)) return false;
  looking.add(key);
  turns.set(key, (turns.get(key) ?? 0) + 1);
  return true;
}

/** Which page beside the first this look takes. */
function turnOf(key: string, pages: number): number {
  return pages < 2 ? 0 : 1 + ((turns.get(key) ?? 0) % (pages - 1));
}
