import type { Locator, Page } from "playwright-core";

/** The card of a chart by its title. */
export function chartCard(page: Page, title: string): Locator {
  const heading = page.getByRole("heading", { name: title, exact: true });
  return page.locator("section").filter({ has: heading });
}

/** Show the table twin of a chart by the keyboard. */
export async function showTable(card: Locator): Promise<Locator> {
  const button = card.getByRole("button", { name: "表", exact: true });
  if ((await button.getAttribute("aria-pressed")) !== "true") await button.press("Enter");
  const table = card.getByRole("table");
  await table.waitFor();
  return table;
}

/** All rows of a table that keeps only those in sight in the page: [step, values…] as text, as they stand. */
export async function rowsOf(table: Locator): Promise<string[][]> {
  return table.evaluate(async (box) => {
    const rows = new Map<number, string[]>();
    const collect = () => {
      for (const row of box.querySelectorAll("[role=row]")) {
        const place = Number(row.getAttribute("aria-rowindex"));
        if (place > 1) rows.set(place, [...row.children].map((cell) => cell.textContent ?? ""));
      }
    };
    const settled = () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
    for (let top = 0; top <= box.scrollHeight; top += 150) {
      box.scrollTop = top;
      await settled();
      collect();
    }
    box.scrollTop = 0;
    return [...rows].sort(([one], [other]) => one - other).map(([, cells]) => cells);
  });
}

/** The newest step in a table; 0 without one. */
export async function stepIn(table: Locator): Promise<number> {
  const newest = table.getByRole("rowheader").first();
  return (await newest.count()) > 0 ? Number(await newest.innerText()) : 0;
}
