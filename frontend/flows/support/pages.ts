import type { Locator, Page } from "playwright-core";

/** Numbers under the title of a job's page, by their labels. */
export async function tilesOn(page: Page): Promise<Record<string, string>> {
  const entries = await page.locator("dl").first().locator("> div").evaluateAll((tiles) =>
    tiles.map((tile) => [tile.querySelector("dt")?.textContent ?? "", tile.querySelector("dd")?.firstChild?.textContent ?? ""]),
  );
  return Object.fromEntries(entries) as Record<string, string>;
}

/** The step that the chart of the loss has come to; 0 before the first. */
export async function drawnStep(card: Locator): Promise<number> {
  const words = await card.innerText();
  return Number(/ステップ (\d+)/.exec(words)?.[1] ?? 0);
}

export async function logOn(page: Page): Promise<string[]> {
  const log = page.getByRole("log", { name: "ログ" });
  return (await log.locator("[data-index]").allInnerTexts()).map((line) => line.replaceAll(/\s+/g, " "));
}

export function jobIdOf(page: Page): string {
  return new URL(page.url()).pathname.split("/").at(-1) ?? "";
}

/** The box of a step between training and chat: `2 学習`. */
export function stageBox(page: Page, name: string): Locator {
  const title = new RegExp(`^\\d ${name}`);
  return page.getByRole("list", { name: "学習からデプロイまで" }).getByRole("listitem").filter({ hasText: title });
}
