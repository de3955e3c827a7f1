import type { useTranslations } from "next-intl";

import type { CellValue, Column } from "@/components/ui/table-columns";
import { notFinite } from "@/entities/job/figures";
import { settingsOf, type Setting } from "@/entities/recipe/settings";
import { valueWords } from "@/entities/recipe/value-words";
import type { ListedJobOut, MetricOut, RecipeOut, Words } from "@/lib/api/generated/types.gen";
import { NOTHING } from "@/lib/format";
import type { useFormat } from "@/lib/use-format";

import type { ListedChain } from "./use-chains";

interface Tools {
  t: ReturnType<typeof useTranslations<"training.added">>;
  locale: keyof Words;
  format: ReturnType<typeof useFormat>;
}

/** Its figure has a column of its own. */
const SHOWN_ANYWAY = "last.train/loss";

/** What a row can tell beside what it always does. Ids are those that the API sorts by. */
export function moreColumns(recipes: readonly RecipeOut[], tools: Tools): Column<ListedChain>[] {
  const settings = byName(recipes.flatMap(({ config_schema }) => settingsOf(config_schema)));
  const metrics = byName(recipes.flatMap((recipe) => recipe.metrics));
  return [
    ...inputs(tools),
    ...metrics.flatMap((metric) => figures(metric, tools)).filter(({ id }) => id !== SHOWN_ANYWAY),
    ...settings.filter(({ kind }) => kind !== "list").map((setting) => ofSetting(setting, tools)),
  ];
}

/** One of each name: recipes that share a setting share its column. */
function byName<Named extends { name: string }>(all: readonly Named[]): Named[] {
  return [...new Map(all.toReversed().map((one) => [one.name, one])).values()].toReversed();
}

function inputs({ t, format }: Tools): Column<ListedChain>[] {
  return [
    column("base_model", t("base"), ({ base_reference }) => base_reference, { text: (value) => String(value) }),
    column("rows", t("rows"), ({ dataset_rows }) => dataset_rows, { numeric: true, text: (value) => format.number(Number(value)) }),
  ];
}

/** The last value of a curve, and the best one where a direction is better; of a size, how large it became. */
function figures(metric: MetricOut, { t, locale, format }: Tools): Column<ListedChain>[] {
  const { name, unit, better } = metric;
  const title = metric.title[locale];
  const text = (value: CellValue) => (unit === "bytes" ? format.bytes(Number(value)) : format.metric(Number(value)));
  const look = { numeric: true, group: t("results"), text };
  const last = column(`last.${name}`, t("last", { title }), ({ latest_metrics }) => latest_metrics[name]?.value, {
    ...look,
    instead: ({ latest_metrics }) => notFinite(latest_metrics[name]),
  });
  if (better === "neither") return [last];
  const side = unit === "bytes" || better === "up" ? "max" : "min";
  return [last, column(`${side}.${name}`, t(side, { title }), ({ extremes }) => extremes[name]?.[side], look)];
}

function ofSetting(setting: Setting, { t, locale }: Tools): Column<ListedChain> {
  const { name, kind } = setting;
  const value = ({ config }: ListedJobOut) => plain(config[name]);
  const words = (found: unknown) => valueWords(setting, found, locale, { on: t("on"), off: t("off") }) ?? short(found);
  return column(`config.${name}`, setting.title[locale], value, {
    numeric: kind === "integer" || kind === "number",
    group: t("settings"),
    text: words,
    instead: ({ config }) => (typeof config[name] === "boolean" ? words(config[name]) : null),
  });
}

interface Look {
  numeric?: boolean;
  group?: string;
  text: (value: CellValue) => string;
  /** What stands there where it is no word and no number. */
  instead?: (job: ListedJobOut) => string | null;
}

function column(id: string, label: string, value: (job: ListedJobOut) => CellValue, { text, instead, ...look }: Look): Column<ListedChain> {
  const shown = (job: ListedJobOut) => instead?.(job) ?? (value(job) === null || value(job) === undefined ? NOTHING : text(value(job)));
  return {
    id,
    label,
    from: "chosen",
    headClassName: "w-32",
    className: "text-ink-2",
    ...look,
    value: ({ job }) => value(job) ?? instead?.(job),
    cell: ({ job }) => <span className="block truncate">{shown(job)}</span>,
  };
}

function plain(value: unknown): CellValue {
  return typeof value === "number" || typeof value === "string" ? value : null;
}

/** A number as one writes a setting: small ones keep their exponent. */
function short(value: unknown): string {
  return typeof value === "number" && value !== 0 && Math.abs(value) < 1e-3 ? value.toExponential() : String(value);
}
