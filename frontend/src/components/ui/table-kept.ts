import type { Sort } from "./table-columns";
import { nameOf } from "./table-kept-name";

/** What a person has made of a table: kept in this browser, the order of its rows only in this tab. */
export interface Kept {
  chosen: Readonly<Record<string, boolean>>;
  widths: Readonly<Record<string, number>>;
  sort: Sort | null;
}

/** What was kept; what cannot be read counts for nothing. */
export function readKept(id: string): Kept {
  const [form, order] = [read("localStorage", id), read("sessionStorage", id)];
  return {
    chosen: only(form.chosen, (value) => typeof value === "boolean"),
    widths: only(form.widths, (value) => typeof value === "number" && Number.isFinite(value) && value > 0),
    sort: typeof order.id === "string" ? { id: order.id, isDescending: order.isDescending === true } : null,
  };
}

export function keep(id: string, { chosen, widths, sort }: Kept): void {
  const isPlain = Object.keys(chosen).length === 0 && Object.keys(widths).length === 0;
  write("localStorage", id, isPlain ? null : { chosen, widths });
  write("sessionStorage", id, sort);
}

type Where = "localStorage" | "sessionStorage";

function read(where: Where, id: string): Record<string, unknown> {
  try {
    const found: unknown = JSON.parse(window[where].getItem(nameOf(id)) ?? "{}");
    return isRecord(found) ? found : {};
  } catch {
    return {};
  }
}

function write(where: Where, id: string, value: object | null): void {
  try {
    if (value) window[where].setItem(nameOf(id), JSON.stringify(value));
    else window[where].removeItem(nameOf(id));
  } catch {
    // A browser that keeps nothing: the choice lasts as long as the page.
  }
}

function only<Value>(given: unknown, isFit: (value: unknown) => boolean): Record<string, Value> {
  if (!isRecord(given)) return {};
  return Object.fromEntries(Object.entries(given).filter(([, value]) => isFit(value))) as Record<string, Value>;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
