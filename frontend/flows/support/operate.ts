import type { Locator, Page } from "playwright-core";

import { composeIn } from "./compose";
import { type Control, locate } from "./controls";

/** Makes undone what was done, where it would hide something: words that were typed, a layer that opened. */
export type Undo = () => Promise<void>;

export const LAYERS = "[role=dialog], [role=alertdialog], [role=menu], [role=listbox]";
const TYPED = "aあ1";
/** Searches wait for a pause in typing. */
const PAUSE_MS = 320;
const PATIENCE_MS = 20_000;
const NOTHING: Undo = async () => undefined;

/** Use a control once, as its role is used. Throws where a hand would not get through. */
export async function operate(page: Page, control: Control): Promise<Undo> {
  const target = locate(page, control);
  switch (control.role) {
    case "textbox":
    case "searchbox":
    case "spinbutton":
      return type(target);
    case "combobox":
      return (await target.evaluate((element) => element instanceof HTMLInputElement)) ? type(target) : click(page, target);
    case "switch":
    case "menuitemcheckbox":
      return turn(page, target);
    case "slider":
      return press(target, ["ArrowRight", "ArrowRight", "ArrowLeft"]);
    case "application":
      return press(target, ["ArrowRight", "ArrowLeft", "End", "+", "-", "Escape"]);
    default:
      return click(page, target);
  }
}

async function click(page: Page, target: Locator): Promise<Undo> {
  await activate(target);
  return () => closeLayer(page);
}

/** A switch is turned back: the address, or the browser, may keep it beyond what comes next. */
async function turn(page: Page, target: Locator): Promise<Undo> {
  const before = await target.isChecked();
  await activate(target);
  return async () => {
    if ((await target.count()) > 0 && (await target.isChecked()) !== before) await activate(target);
    await closeLayer(page);
    if ((await target.count()) > 0 && (await target.isChecked()) !== before) await activate(target);
  };
}

/** A click; what only shows itself to the keyboard is used by it. */
export async function activate(target: Locator): Promise<void> {
  const isForKeyboard = await target.evaluate((element) => getComputedStyle(element).clipPath !== "none");
  if (isForKeyboard) await target.press("Enter");
  else await target.click({ timeout: PATIENCE_MS });
}

/** Close what lies over the page, if something does. */
export async function closeLayer(page: Page): Promise<void> {
  const layers = page.locator(LAYERS).filter({ visible: true });
  for (let left = await layers.count(); left > 0; left -= 1) {
    await page.keyboard.press("Escape");
    await layers.nth(left - 1).waitFor({ state: "hidden", timeout: PATIENCE_MS });
  }
}

async function type(target: Locator): Promise<Undo> {
  const before = await target.inputValue();
  const isEditable = await target.isEditable();
  await target.click({ timeout: PATIENCE_MS });
  if (!isEditable) return NOTHING;
  const faults = await composeIn(target.page(), target);
  if (faults.length > 0) throw new Error(`composing: ${faults.join("; ")}`);
  await target.press("Control+a");
  await target.pressSequentially(TYPED);
  await target.page().waitForTimeout(PAUSE_MS);
  return async () => {
    if ((await target.count()) === 0) return;
    await target.press("Control+a");
    await target.press("Delete");
    await target.page().waitForTimeout(PAUSE_MS);
    if (before !== "") await target.fill(before);
  };
}

async function press(target: Locator, keys: readonly string[]): Promise<Undo> {
  await target.focus();
  for (const key of keys) await target.press(key);
  return NOTHING;
}
