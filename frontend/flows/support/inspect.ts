import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

import type { BrowserContext, Page } from "playwright-core";

import { en } from "../../messages/en";
import { ja } from "../../messages/ja";
import { PATIENCE_MS } from "./patience";
import { listening } from "./studio";
import { untranslatedIn } from "./words";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const RULES = ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"];
const MOST_SHIFT = 0.02;
const SETTLE_MS = 150;
const LOADING = [ja, en].map(({ ui }) => `main [role=status][aria-label="${ui.loading.label}"]`);
const BUSY = ["main [aria-busy=true]", ...LOADING].join(", ");

interface AxeViolation {
  id: string;
  nodes: { target: string[]; failureSummary?: string }[];
}

/** Sum up how far things jump on every page of a context. */
export async function measureShift(context: BrowserContext): Promise<void> {
  await context.addInitScript(() => {
    const page = window as unknown as { shift: number };
    page.shift = 0;
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries() as (PerformanceEntry & { value: number; hadRecentInput: boolean })[]) {
        if (!entry.hadRecentInput) page.shift += entry.value;
      }
    }).observe({ type: "layout-shift", buffered: true });
  });
}

/** Open an address and wait until nothing is loading any more; says what still is after all. */
export async function openSettled(page: Page, path: string): Promise<string[]> {
  await page.goto(path, { waitUntil: "load" });
  return settled(page);
}

/** In the page: what fades or moves has come to its end. What never ends, such as a spinner, is not waited for. */
async function movementEnded(): Promise<void> {
  const moving = document.getAnimations().filter(({ effect }) => Number.isFinite(Number(effect?.getComputedTiming().endTime)));
  await Promise.all(moving.map(({ finished }) => finished.catch(() => undefined)));
}

/** Wait until nothing is loading any more, neither data nor fonts; says what still is after all. */
export async function settled(page: Page): Promise<string[]> {
  await listening(page);
  const hasHeading = await page.getByRole("heading").first().waitFor().then(() => true, () => false);
  const busy = page.locator(BUSY);
  const isStill = await busy.first().waitFor({ state: "detached", timeout: PATIENCE_MS }).then(() => false, () => true);
  await page.evaluate(() => document.fonts.ready);
  await page.waitForTimeout(SETTLE_MS);
  await page.evaluate(movementEnded);
  return [
    ...(hasHeading ? [] : ["no heading"]),
    ...(isStill ? [`still busy: ${(await busy.allInnerTexts()).join(" | ")}`] : []),
  ];
}

/** Bytes of scripts and styles, compressed, that a page may take before anybody touches it (docs/performance.md). */
const MOST_CODE = 260_000;
/** Where charts, a log, Markdown, or the cards of two neighbours (the hub, Ollama) come by themselves. */
const MOST_CODE_OF: readonly [path: RegExp, bytes: number][] = [
  [/^\/models$/, 265_000],
  [/^\/training\/(?!new)/, 315_000],
  [/^\/(learn\/.|chat)/, 305_000],
];

/** Whether a page that has just been opened took more code than it may; nothing may have been pointed at yet. */
export async function tooMuchCodeOn(page: Page, path: string): Promise<string[]> {
  const bytes = await page.evaluate(() =>
    (performance.getEntriesByType("resource") as PerformanceResourceTiming[])
      .filter(({ name }) => /\.(js|css)$/.test(new URL(name).pathname))
      .reduce((sum, { encodedBodySize }) => sum + encodedBodySize, 0),
  );
  const most = MOST_CODE_OF.find(([of]) => of.test(path))?.[1] ?? MOST_CODE;
  return bytes > most ? [`${bytes / 1000} kB of scripts and styles, allowed ${most / 1000}`] : [];
}

/** What is wrong with the page as it stands. */
export async function faultsOn(page: Page, language: "ja" | "en"): Promise<string[]> {
  const facts = await page.evaluate(() => ({
    overflow: document.documentElement.scrollWidth - document.documentElement.clientWidth,
    lang: document.documentElement.lang,
    shift: (window as unknown as { shift: number }).shift,
    text: document.body.innerText,
    title: document.title,
  }));
  return [
    ...(facts.overflow > 0 ? [`${facts.overflow} px wider than the window`] : []),
    ...(facts.lang === language ? [] : [`lang is ${facts.lang}`]),
    ...(facts.shift > MOST_SHIFT ? [`layout shift ${facts.shift.toFixed(3)}`] : []),
    ...untranslatedIn(`${facts.title}\n${facts.text}`, language),
  ];
}

/** Too slow for a page to wait for, drawn by the browser, or asked for every few seconds anyway. */
const OWN_READS = /\/(doctor|findings|tokens|token-lengths|metrics|logs|events|resources|progress|courses\/\d\/files\/[^/?]+)(\?|$)/;
/** The lists that are asked for again and again are so every ten seconds. */
const FIRST_MS = 8000;

/** What a page asked the API for although the server that drew it had asked: its hooks and its `reads.ts` differ. */
export function lateReadsOf(page: Page, apiUrl: string): () => string[] {
  let [opened, asked] = [0, [] as string[]];
  page.on("request", (request) => {
    if (request.isNavigationRequest()) [opened, asked] = [Date.now(), []];
    const isRead = request.method() === "GET" && request.url().startsWith(apiUrl) && !OWN_READS.test(request.url());
    if (isRead && Date.now() - opened < FIRST_MS) asked.push(request.url());
  });
  return () => asked.map((url) => `asked for again: ${url}`);
}

/** What axe finds by the rules of WCAG 2.2 AA. */
export async function barriersOn(page: Page): Promise<string[]> {
  await page.evaluate(AXE);
  const violations = await page.evaluate(async (rules) => {
    const { axe } = window as unknown as { axe: { run: (options: object) => Promise<{ violations: AxeViolation[] }> } };
    return (await axe.run({ runOnly: rules, resultTypes: ["violations"], preload: false })).violations;
  }, RULES);
  return violations.map(({ id, nodes }) => `axe ${id}: ${nodes.map(({ target, failureSummary }) => `${target.join(" ")} (${failureSummary ?? ""})`).slice(0, 3).join("; ")}`);
}
