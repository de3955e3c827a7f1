import type { Page } from "playwright-core";

import { ja } from "../../messages/ja";
import { type Activity, watch } from "./activity";
import { addressKind, type Control, locate, type Shown, shownOn } from "./controls";
import { listening, STUDIO } from "./studio";
import { MINUTE_MS } from "./patience";
import { activate, LAYERS, operate, type Undo } from "./operate";

/** What some controls need. They are named by their key: where they stand, their role and their name. */
export interface Rules {
  /** Shown and found, but not pressed here, and why. */
  held: readonly { key: RegExp; why: string }[];
  /** The same on every page, and used on one: the frame stands beside them. */
  everywhere: RegExp;
  /** What has to be done once they were used. */
  after: readonly { key: RegExp; tidy: () => Promise<void> }[];
}

/** What is done once in all pages: addresses that were followed, and what of the frame was used of all that it showed. */
export interface Once {
  followed: Set<string>;
  shown: Set<string>;
  used: Set<string>;
}

/** What came of a page. */
export interface Tally {
  used: string[];
  alike: number;
  held: string[];
  /** Shown, but always greyed out. */
  disabled: string[];
  faults: string[];
}

interface Walk {
  page: Page;
  path: string;
  rules: Rules;
  once: Once;
  complaints: string[];
  activity: Activity;
  /** Everything that was shown, what had been used to bring it up, and whether that is sure or only the last thing used. */
  seen: Map<string, { control: Control; way: readonly string[]; isBehind: boolean }>;
  /** What was used last, and how one came to it: what comes up late comes from there. */
  last: readonly string[];
  done: Set<string>;
  /** First and second turns, counted: `done` shrinks when something has a second turn, so its size does not tell progress. */
  turns: number;
  /** What a hand did not get at once: something that came late may have covered it. */
  missed: Set<string>;
  /** What the page showed last; null after something was done to it. */
  shown: Shown | null;
  tally: Tally;
}

const BROKEN = [ja.common.pageError.title, "The page could not be shown"];
const TAKE_BACK = /^元に戻す$/;
const [OTHER_LANGUAGE, OWN_LANGUAGE] = [/^English$/, "日本語"];
const MOST_LOOKS = 3;
const MOST_USES = 300;
const NOTICED_MS = 8000;
const IDLE_MS = 1000;
const LONGEST_MS = MINUTE_MS;
const POLL_MS = 30;
const STILL_MS = 150;
const nothing: Undo = async () => undefined;

/** Use everything that a page shows, and everything that comes up on the way, once. */
export async function tryEveryControl(page: Page, path: string, complaints: string[], rules: Rules, once: Once): Promise<Tally> {
  const tally: Tally = { used: [], alike: 0, held: [], disabled: [], faults: [] };
  const walk: Walk = { page, path, rules, once, complaints, activity: watch(page), seen: new Map(), last: [], done: new Set(), turns: 0, missed: new Set(), shown: null, tally };
  // A second look from the beginning finds what the first has hidden on its way, such as rows behind a filter.
  for (let looks = 0, before = -1; looks < MOST_LOOKS && before < walk.turns; looks += 1) {
    before = walk.turns;
    await page.evaluate(() => sessionStorage.clear()).catch(() => undefined); // drafts; nothing to forget before the first look
    await open(walk);
    await tryAll(walk, new Set(), []);
    await tryMissed(walk);
    await tryAll(walk, new Set(), []); // what the missed have left open
  }
  const now = await keysShown(walk);
  for (const { control, isBehind } of walk.seen.values()) {
    if (walk.done.has(control.key) || isOfAll(walk, control) || isFollowed(walk, control)) continue;
    if (control.isDisabled) tally.disabled.push(control.key);
    else if (isBehind || now.has(control.key)) tally.faults.push(`not used: ${control.key}`);
  }
  return tally;
}

/** Everything shown that is not among `known`, and what comes up by using it. `way`: what was used to get here. */
async function tryAll(walk: Walk, known: ReadonlySet<string>, way: readonly string[]): Promise<void> {
  for (;;) {
    const open = (await look(walk, way)).controls.filter(isLeft(walk));
    const next = open.find(({ key }) => !known.has(key));
    if (!next) return;
    await tryWithAllBehind(walk, next, new Set([...known, ...open.map(({ key }) => key)]), [...way, next.key]);
  }
}

/** What was shown and went before its turn, such as a button that stands there only while an answer is written. */
async function tryMissed(walk: Walk): Promise<void> {
  for (const { control, way, isBehind } of [...walk.seen.values()]) {
    if (control.isDisabled || way.length === 0 || !isLeft(walk)(control) || !(isBehind || isOfAll(walk, control))) continue;
    const found = await reach(walk, [...way, control.key]);
    if (found) await tryWithAllBehind(walk, found, await keysShown(walk), [...way, control.key]);
  }
}

async function keysShown(walk: Walk): Promise<Set<string>> {
  return new Set((await look(walk)).controls.map(({ key }) => key));
}

function isLeft(walk: Walk): (control: Control) => boolean {
  return ({ key, isDisabled }) => !isDisabled && !walk.done.has(key) && !walk.once.used.has(key);
}

/** Of the frame, or the same on every page. */
function isOfAll({ rules }: Walk, { isFrame, key }: Control): boolean {
  return isFrame || rules.everywhere.test(key);
}

/** Using such a link again would do nothing here: each address of the studio is followed once. */
function isFollowed({ page, once }: Walk, { role, url }: Control): boolean {
  return role === "link" && once.followed.has(addressKind(new URL(url ?? "", page.url()).href));
}

/** A list opens again for each of its options, and what opened it before it. */
async function tryWithAllBehind(walk: Walk, control: Control, around: ReadonlySet<string>, way: readonly string[]): Promise<void> {
  for (let again: Control | undefined = control; again; again = await reach(walk, way)) {
    const before = walk.turns;
    walk.last = way;
    const undo = await tryOnce(walk, again);
    const behind = (await look(walk, way)).controls.filter((one) => isLeft(walk)(one) && !around.has(one.key));
    await tryAll(walk, around, way);
    await undo();
    if (undo !== nothing) walk.shown = null;
    if (!behind.some(isLeft(walk)) || walk.turns === before) return;
    await goHome(walk);
  }
}

/** The last of these controls, brought up by those before it; on the page anew where what was done hides them. */
async function reach(walk: Walk, way: readonly string[]): Promise<Control | undefined> {
  const found = await reachHere(walk, way);
  if (found) return found;
  await open(walk);
  return reachHere(walk, way);
}

/** From the nearest that is shown. */
async function reachHere(walk: Walk, way: readonly string[]): Promise<Control | undefined> {
  const find = async (key: string) => (await look(walk, way)).controls.find((one) => one.key === key && !one.isDisabled);
  for (let from = way.length - 1; from >= 0; from -= 1) {
    let control = await find(way[from] ?? "");
    for (const key of way.slice(from + 1)) {
      if (!control) break;
      const isThrough = await operate(walk.page, control).then(() => true, () => false); // it may go meanwhile
      await calm(walk);
      control = isThrough ? await awaited(walk, () => find(key)) : undefined;
    }
    if (control) return control;
  }
  return undefined;
}

/** What comes up late has a moment's time. */
async function awaited(walk: Walk, find: () => Promise<Control | undefined>): Promise<Control | undefined> {
  let found = await find();
  for (let waited = 0; !found && waited < NOTICED_MS; waited += 2 * POLL_MS) {
    await walk.page.waitForTimeout(2 * POLL_MS);
    walk.shown = null;
    found = await find();
  }
  return found;
}

async function tryOnce(walk: Walk, control: Control): Promise<Undo> {
  const { tally } = walk;
  const isFirst = !walk.done.has(control.key);
  if (isFirst) walk.turns += 1;
  walk.done.add(control.key);
  if (isOfAll(walk, control)) walk.once.used.add(control.key);
  const held = walk.rules.held.find(({ key }) => key.test(control.key));
  if (held) {
    tally.held.push(`${control.key}: ${held.why}`);
    return nothing;
  }
  if (tally.used.length >= MOST_USES) throw new Error(`${walk.path}: no end after ${tally.used.slice(-5).join(", ")}`);
  if (isFirst) tally.used.push(control.key);
  try {
    if (control.role === "link") return await follow(walk, control);
    if (OTHER_LANGUAGE.test(control.name)) return await speakOtherwise(walk, control);
    return await tryHere(walk, control);
  } catch (error) {
    await miss(walk, control, error);
    return nothing;
  }
}

/** It has a second turn on the page anew. Some go by themselves, as the button that stops what has ended meanwhile. */
async function miss(walk: Walk, control: Control, error: unknown): Promise<void> {
  const { key } = control;
  const isThere = (await locate(walk.page, control).count()) > 0;
  if (!walk.missed.has(key)) {
    walk.missed.add(key);
    walk.done.delete(key);
    walk.once.used.delete(key);
  } else if (isThere) {
    fault(walk, control, error instanceof Error ? error.message.split("\n").slice(0, 3).join(" ") : String(error));
  }
  walk.tally.used = walk.tally.used.filter((used) => used !== key);
  await open(walk);
}

async function tryHere(walk: Walk, control: Control): Promise<Undo> {
  const { page, rules, activity } = walk;
  const before = (await look(walk)).words;
  const [url, acts] = [page.url(), activity.count()];
  const undo = await operate(page, control);
  await calm(walk);
  for (const { key, tidy } of rules.after) if (key.test(control.key)) await tidy();
  await notice(walk, control, before, () => page.url() !== url || activity.count() > acts);
  await takeBack(walk);
  if (isHome(walk)) return undo;
  await goHome(walk);
  return nothing;
}

/**
 * Something has to come of it. What changes late, such as a layer whose code has to come, has a moment's time; and as a
 * minute that passes changes the words, too, the controls have to stay the same for two looks.
 */
async function notice(walk: Walk, control: Control, before: string, hasActed: () => boolean): Promise<void> {
  let keys = "";
  for (let waited = 0; ; waited += STILL_MS) {
    const shown = (walk.shown = await shownOn(walk.page));
    const [was, now] = [keys, shown.controls.map(({ key }) => key).join("\n")];
    keys = now;
    const isNoticed = shown.words !== before || hasActed() || control.isChosen || control.role === "application";
    if (isNoticed && (was === now || waited > NOTICED_MS)) break;
    if (!isNoticed && waited > NOTICED_MS) {
      fault(walk, control, "nothing came of it");
      break;
    }
    await walk.page.waitForTimeout(STILL_MS);
  }
  await check(walk, control, walk.shown?.words ?? "");
}

/** Go where a link leads, once for each address of the studio, and come back by the browser's button. */
async function follow(walk: Walk, control: Control): Promise<Undo> {
  const { page, once: { followed } } = walk;
  if (isFollowed(walk, control)) return nothing;
  const url = new URL(control.url ?? "", page.url());
  followed.add(addressKind(url.href));
  if (url.href.startsWith(STUDIO.apiUrl)) {
    const answer = await page.request.get(url.href);
    if (!answer.ok()) fault(walk, control, `${answer.status()} ${url.href}`);
    return nothing;
  }
  const here = page.url();
  await activate(locate(page, control));
  const isThere = await page.waitForURL(({ pathname, hash }) => pathname === url.pathname && hash === url.hash).then(() => true, () => false);
  if (!isThere) fault(walk, control, `leads to ${page.url()}`);
  await listening(page);
  await calm(walk);
  await check(walk, control, (await shownOn(page)).words);
  if (page.url() !== here) await page.goBack();
  await goHome(walk);
  return nothing;
}

/** In another language every control has another name: there the page has to stand, and to come back. */
async function speakOtherwise(walk: Walk, control: Control): Promise<Undo> {
  const { page } = walk;
  await activate(locate(page, control));
  await page.locator("html[lang=en]").waitFor();
  await calm(walk);
  await check(walk, control, (await shownOn(page)).words);
  await page.getByRole("button", { name: OWN_LANGUAGE }).click();
  await page.locator("html[lang=ja]").waitFor();
  await calm(walk);
  return nothing;
}

/** What a notice offers to take back is taken back: the next control may need it. */
async function takeBack(walk: Walk): Promise<void> {
  const undo = walk.page.getByRole("button", { name: TAKE_BACK });
  if ((await undo.count()) === 0) return;
  await undo.last().click();
  await calm(walk);
}

function isHome({ page, path }: Walk): boolean {
  return new URL(page.url()).pathname === new URL(path, STUDIO.pagesUrl).pathname;
}

async function goHome(walk: Walk): Promise<void> {
  if (isHome(walk)) await calm(walk);
  else await open(walk);
}

async function open(walk: Walk): Promise<void> {
  walk.last = [];
  await walk.page.goto(walk.path);
  await listening(walk.page);
  await calm(walk);
}

async function look(walk: Walk, way: readonly string[] = []): Promise<Shown> {
  const shown = walk.shown ?? (await shownOn(walk.page));
  if (!isHome(walk)) {
    await goHome(walk);
    return look(walk, way);
  }
  walk.shown = shown;
  for (const control of shown.controls) {
    const known = walk.seen.get(control.key);
    if (isOfAll(walk, control) && !control.isDisabled) walk.once.shown.add(control.key);
    // What came up later than it was looked for came from what was used last.
    const brought = way.every((key, place) => walk.last[place] === key) ? walk.last : way;
    if (!known || known.control.isDisabled) walk.seen.set(control.key, { control, way: brought, isBehind: way.length > 0 });
  }
  walk.tally.alike = Math.max(walk.tally.alike, shown.alike);
  return shown;
}

/** The page stands, and nobody complains. What the API refuses stands on the page in the API's own words. */
async function check(walk: Walk, control: Control, words: string): Promise<void> {
  const broken = BROKEN.find((one) => words.includes(one));
  if (broken) fault(walk, control, broken);
  const refusals = await walk.activity.refusals();
  const said = refusals.length > 0 ? await walk.page.locator("body").innerText() : "";
  const told = refusals.filter((one) => one.words !== "" && said.includes(one.words));
  const complaints = walk.complaints.splice(0).filter((one) => !told.some(({ url }) => one.includes(`(${url})`)));
  for (const one of complaints) fault(walk, control, one);
  if (broken) await open(walk);
}

function fault(walk: Walk, control: Control, what: string): void {
  walk.tally.faults.push(`${control.key}: ${what}`);
}

/** Until what was asked for has come and is drawn, and what was opened is there. */
async function calm(walk: Walk): Promise<void> {
  const { page, activity } = walk;
  walk.shown = null;
  const drawn = () =>
    page.evaluate(
      (timeout) => new Promise<void>((done) => requestAnimationFrame(() => requestIdleCallback(() => requestAnimationFrame(() => done()), { timeout }))),
      IDLE_MS,
    );
  await drawn();
  for (let waited = 0; activity.isAsking() && waited < LONGEST_MS; waited += POLL_MS) {
    await page.waitForTimeout(POLL_MS);
    if (!activity.isAsking()) await drawn();
  }
  const opens = await page.locator("[aria-haspopup][aria-expanded=true]").count();
  if (opens > 0) await page.locator(LAYERS).filter({ visible: true }).first().waitFor({ timeout: NOTICED_MS }).catch(nothing);
}
