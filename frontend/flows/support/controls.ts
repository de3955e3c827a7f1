import type { Locator, Page } from "playwright-core";

/** What can be used on a page, as those who listen to it find it. */
export interface Control {
  /** The same for the same control however often it is drawn, and for those that differ only in a number. */
  key: string;
  role: string;
  name: string;
  /** Which of those with this role and name. */
  nth: number;
  url: string | null;
  isDisabled: boolean;
  /** What is chosen already need not change when it is chosen again. */
  isChosen: boolean;
  /** Of the frame around every page, not of this one. */
  isFrame: boolean;
}

export interface Shown {
  controls: Control[];
  /** Of the same kind as others that are used: the third row of a list, the third button with the same name. */
  alike: number;
  /** All that the page says, without what ticks. */
  words: string;
}

interface Node {
  role: string;
  name?: string;
  text?: string;
  url?: string;
  disabled?: boolean;
  pressed?: boolean | "mixed";
  selected?: boolean;
  active?: boolean;
  children?: Node[];
}

/** Where a control stands: the named part of the page, whether that is the frame, and how many its row has had. */
interface Place {
  name: string;
  isFrame: boolean;
  isMain: boolean;
  row: Map<string, number> | null;
}

const USABLE = new Set([
  "application", "button", "checkbox", "combobox", "link", "menuitem", "menuitemcheckbox", "menuitemradio", "option", "radio",
  "searchbox", "slider", "spinbutton", "switch", "tab", "textbox",
]);
const NAMING = new Set([
  "alertdialog", "article", "complementary", "dialog", "group", "list", "listbox", "navigation", "region", "search", "table",
  "tabpanel", "tablist", "toolbar",
]);
/** Answers stand side by side in one turn: each counts its own. */
const ROWS = new Set(["article", "listitem", "row"]);
/** Where the frame's menu, its links and its switches stand. */
const FRAME = new Set(["banner", "complementary"]);
const SKIP = "#main";
/** The machine's use and the queue change by themselves. */
const TICKING = new Set(["banner", "meter", "status", "timer"]);
const MOST_ALIKE = 2;
const MOST_OPTIONS = 8;

/** Every control that the page shows now, from its accessibility tree: nobody keeps a list of them. */
export async function shownOn(page: Page): Promise<Shown> {
  const tree = (await page.ariaSnapshotJSON()) as unknown as Node[];
  const found: Control[] = [];
  const named = new Map<string, number>();
  const walk = (node: Node, place: Place) => {
    if (USABLE.has(node.role)) {
      const same = `${node.role} ${node.name ?? ""}`;
      const nth = named.get(same) ?? 0;
      named.set(same, nth + 1);
      found.push(controlOf(node, nth, place));
    }
    const here = placeWithin(node, place);
    for (const child of node.children ?? []) if (typeof child !== "string") walk(child, here);
  };
  for (const node of tree) walk(node, { name: "", isFrame: false, isMain: false, row: null });
  const controls = withoutAlike(found);
  const words = JSON.stringify([tree.map(withoutTicking), await ordersOn(page)]);
  return { controls, alike: found.length - controls.length, words };
}

/** Which way tables are sorted, which the tree does not tell. */
function ordersOn(page: Page): Promise<string[]> {
  return page.locator("[aria-sort]").evaluateAll((heads) => heads.map((head) => head.getAttribute("aria-sort") ?? ""));
}

export function locate(page: Page, { role, name, nth }: Control): Locator {
  return page.getByRole(role as "button", { name, exact: true }).nth(nth);
}

function placeWithin({ role, name, children }: Node, place: Place): Place {
  const isHead = role === "row" && children?.some((child) => child.role === "columnheader");
  return {
    name: NAMING.has(role) && name ? `${role} ${plain(name)}` : isHead ? `head of ${place.name}` : place.name,
    isMain: place.isMain || role === "main",
    isFrame: place.isFrame || (!place.isMain && FRAME.has(role)),
    row: ROWS.has(role) ? new Map() : place.row,
  };
}

function controlOf(node: Node, nth: number, place: Place): Control {
  const name = node.name ?? "";
  const url = node.url ?? null;
  const what = url !== null ? addressKind(url) : place.row ? inRow(node.role, place.row) : plain(name);
  return {
    key: `${place.name} › ${node.role} ${what}`,
    role: node.role,
    name,
    nth,
    url,
    isDisabled: node.disabled === true,
    isChosen: node.pressed === true || node.selected === true,
    isFrame: place.isFrame || url === SKIP,
  };
}

/** In a row controls bear the row's name, which comes and goes: there their place tells which is which. */
function inRow(role: string, row: Map<string, number>): string {
  const place = (row.get(role) ?? 0) + 1;
  row.set(role, place);
  return `${place} of a row`;
}

/** The first two of each kind: in the tenth row of a list stands what stands in the first. */
function withoutAlike(found: readonly Control[]): Control[] {
  const times = new Map<string, number>();
  return found.flatMap((control) => {
    const time = (times.get(control.key) ?? 0) + 1;
    times.set(control.key, time);
    if (time > (control.role === "option" ? MOST_OPTIONS : MOST_ALIKE)) return [];
    return time === 1 ? [control] : [{ ...control, key: `${control.key} (${time})` }];
  });
}

/** An address without what tells one job from the other. */
export function addressKind(url: string): string {
  return url.replaceAll(/\b(job|ds|dep|chat|art)_\w+/g, "$1_…").replaceAll(/(job_…)(,job_…)+/g, "$1");
}

/** Names up to their first number: what was counted, measured or dated is another the next time. A question stays one, or its yes would be pressed. */
function plain(words: string): string {
  return words.replaceAll(/「.*」/g, "「…」").replace(/\d.*?(しますか.*)?$/s, "#$1");
}

function withoutTicking({ active: _active, children, ...kept }: Node): object {
  return { ...kept, children: (children ?? []).filter((child) => !TICKING.has(child.role)).map(withoutTicking) };
}
