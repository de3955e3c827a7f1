import type { BrowserContext, CDPSession, Locator, Page } from "playwright-core";

const NO_TEXT = "checkbox radio range file hidden button submit reset color image".split(" ").map((type) => `[type=${type}]`);
/** Everything on a page that takes text, whatever it looks like; a control's own copy for forms is none. */
export const FIELDS = [
  `input:not(${[...NO_TEXT, "[aria-hidden=true]", "[tabindex='-1']"].join(", ")})`,
  "textarea",
  "[contenteditable]:not([contenteditable=false])",
].join(", ");

const WORD = "へんぴん";
const LAYERS = "[role=dialog], [role=alertdialog]";
const CTRL = 2;
const OF_INPUT_METHOD = 229;
const POLL_MS = 50;
const NOTICED_MS = 5000;
/** Every key that a page could take for its own while the input method has it: as input methods pass it on, and as itself. */
const KEYS = [
  { key: "Enter", code: "Enter", own: 13, modifiers: 0 },
  { key: "Enter", code: "Enter", own: 13, modifiers: CTRL },
  { key: "Escape", code: "Escape", own: 27, modifiers: 0 },
] as const;
/** Asked for while one types, or of what was typed before: no key does it. */
const LOOKING = /\/(forecast|preview|check|tokens|token-lengths|plan|resources)\b/;

/** What a key can come to. */
interface Seen {
  /** Keys that parts of the page were told of. */
  told: number;
  submits: number;
  path: string;
  layers: number;
  isFocused: boolean;
  value: string;
}

interface Told {
  keysTold: number;
  formsSent: number;
}

const writes = new WeakMap<Page, string[]>();

/** Have the pages of a context count the keys that their parts are told of, and the forms that are sent. */
export async function countKeys(context: BrowserContext): Promise<void> {
  await context.addInitScript(() => {
    const page = window as unknown as Told;
    [page.keysTold, page.formsSent] = [0, 0];
    document.addEventListener("keydown", () => (page.keysTold += 1), { capture: true });
    document.addEventListener("submit", () => (page.formsSent += 1), { capture: true });
  });
}

/** Send nothing of what the pages of a context would change; it is written down. */
export async function holdWrites(context: BrowserContext, apiUrl: string): Promise<void> {
  await context.route(`${apiUrl}/**`, async (route) => {
    const request = route.request();
    const isChange = !["GET", "OPTIONS", "HEAD"].includes(request.method()) && !LOOKING.test(request.url());
    if (!isChange) return route.fallback();
    writesOf(request.frame().page()).push(`${request.method()} ${new URL(request.url()).pathname}`);
    return route.abort();
  });
}

/** What a page of a watched context wanted to change so far. */
export function writesOf(page: Page): string[] {
  const known = writes.get(page) ?? [];
  writes.set(page, known);
  return known;
}

/** Compose a word in a field, end it by every key that a page could mistake for its own, and say what came of them: nothing may. */
export async function composeIn(page: Page, field: Locator): Promise<string[]> {
  const ime = await page.context().newCDPSession(page);
  const faults: string[] = [];
  await field.focus();
  await field.and(page.locator("[aria-haspopup=listbox][readonly]")).waitFor({ state: "detached" }); // what finds is loaded by the focus
  const asked = writesOf(page).length;
  const press = (keyCodes: readonly ("own" | "processed")[]) =>
    Promise.all(KEYS.flatMap((key) => keyCodes.map((code) => pressRaw(ime, key, code === "own" ? key.own : OF_INPUT_METHOD))));
  const compare = async (when: string, before: Seen) => {
    const after = await seenAt(page, field);
    for (const what of Object.keys(before) as (keyof Seen)[]) {
      if (before[what] !== after[what]) faults.push(`${when}: ${what} was ${String(before[what])}, is ${String(after[what])}`);
    }
  };
  await ime.send("Input.imeSetComposition", { text: WORD, selectionStart: WORD.length, selectionEnd: WORD.length });
  const composing = await seenAt(page, field);
  if (!composing.isFocused) faults.push("it does not keep the focus");
  await press(["processed", "own"]);
  await compare("while composing", composing);
  await ime.send("Input.insertText", { text: WORD });
  const composed = await seenAt(page, field);
  await press(["processed"]); // Safari tells of the key after the composition
  await compare("right after it", composed);
  for (const one of writesOf(page).slice(asked)) faults.push(`asked for ${one}`);
  await ime.detach();
  return faults;
}

async function pressRaw(ime: CDPSession, { key, code, modifiers }: (typeof KEYS)[number], windowsVirtualKeyCode: number): Promise<void> {
  await ime.send("Input.dispatchKeyEvent", { type: "rawKeyDown", key, code, modifiers, windowsVirtualKeyCode });
}

function seenAt(page: Page, field: Locator): Promise<Seen> {
  return field.evaluate(
    (element, layers) => {
      const told = window as unknown as Told;
      return {
        told: told.keysTold,
        submits: told.formsSent,
        path: location.pathname,
        layers: document.querySelectorAll(layers).length,
        isFocused: document.activeElement === element,
        value: "value" in element ? String(element.value) : (element.textContent ?? ""),
      };
    },
    LAYERS,
    { timeout: 5000 },
  ).catch(async () => ({ told: -1, submits: -1, path: new URL(page.url()).pathname, layers: -1, isFocused: false, value: "the field is gone" }));
}

/** A field as those who listen know it, and what stands around it. */
export interface Field {
  name: string;
  nth: number;
  isInForm: boolean;
  isInLayer: boolean;
  /** Whether a list of choices opens under it, which takes the first Escape. */
  isCombobox: boolean;
}

/** Every field that can be written in now, in the layer on top where one is open. */
export function fieldsOn(page: Page): Promise<Field[]> {
  return page.evaluate(
    ([fields, layers]) => {
      const isWritable = (element: Element) =>
        element.checkVisibility({ visibilityProperty: true }) && !element.closest("[inert], [aria-hidden=true]") && !element.matches(":disabled");
      const nameOf = (element: Element) => {
        const labels = "labels" in element ? [...(element.labels as NodeListOf<HTMLElement>)].map(({ innerText }) => innerText.split("\n")[0] ?? "") : [];
        return [element.getAttribute("aria-label"), ...labels, element.getAttribute("placeholder"), element.tagName].find(Boolean) ?? "";
      };
      const top = [...document.querySelectorAll(layers)].at(-1) ?? document;
      return [...document.querySelectorAll(fields)].flatMap((element, nth) =>
        top.contains(element) && isWritable(element)
          ? [{
              name: nameOf(element),
              nth,
              isInForm: element.closest("form") !== null,
              isInLayer: element.closest(layers) !== null,
              isCombobox: element.getAttribute("role") === "combobox",
            }]
          : [],
      );
    },
    [FIELDS, LAYERS] as const,
  );
}

/** What a key of the page's own came to. */
export interface Came {
  submits: number;
  writes: string[];
  path: string;
  hasClosed: boolean;
}

/** Press a key in the field as somebody does who is not composing, and wait a moment for what is to come of it. */
export async function pressIn(page: Page, field: Locator, key: string, isDone: (came: Came) => boolean): Promise<Came> {
  const element = await field.elementHandle();
  if (!element) throw new Error("The field is gone.");
  const asked = writesOf(page).length;
  const layers = () => page.locator(LAYERS).filter({ visible: true }).count();
  const submits = () => page.evaluate(() => (window as unknown as Told).formsSent);
  const [layersBefore, submitsBefore] = [await layers(), await submits()];
  await element.press(key);
  for (let waited = 0; ; waited += POLL_MS) {
    const isGone = !(await element.evaluate(({ isConnected }) => isConnected).catch(() => false));
    const came: Came = {
      submits: (await submits()) - submitsBefore,
      writes: writesOf(page).slice(asked),
      path: new URL(page.url()).pathname,
      hasClosed: isGone || (await layers()) < layersBefore,
    };
    if (isDone(came) || waited > NOTICED_MS) return came;
    await page.waitForTimeout(POLL_MS);
  }
}
