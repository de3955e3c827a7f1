import type { Locale } from "./i18n/locale";

type Moment = Date | string | number;

const BYTE_UNITS = ["B", "kB", "MB", "GB", "TB", "PB"] as const;
const MINUTE_S = 60;
const HOUR_S = 60 * MINUTE_S;
const DAY_S = 24 * HOUR_S;
/** Dates are read by everybody: the day before the month, the month in letters, and 24 hours. */
const DATE_LOCALE = { ja: "ja", en: "en-GB" } as const;
const DATE_STYLE = { ja: "long", en: "medium" } as const;
/** Where a value shows nothing: not measured, not a number. */
export const NOTHING = "–";

const made = new Map<string, Intl.NumberFormat>();

/** Formatters are dear to make and numbers come ten times a second. */
function numberFormat(locale: Locale, options: Intl.NumberFormatOptions): Intl.NumberFormat {
  const key = locale + JSON.stringify(options);
  let format = made.get(key);
  if (!format) made.set(key, (format = new Intl.NumberFormat(locale, options)));
  return format;
}

export function formatNumber(value: number | null | undefined, locale: Locale, options: Intl.NumberFormatOptions = {}) {
  if (!isFiniteNumber(value)) return NOTHING;
  return numberFormat(locale, options).format(value);
}

/** `0.64` as `64%`. */
export function formatPercent(ratio: number | null | undefined, locale: Locale, digits = 0): string {
  return formatNumber(ratio, locale, { style: "percent", minimumFractionDigits: digits, maximumFractionDigits: digits });
}

/**
 * A measured quantity (loss, rate, norm) with a fixed number of significant digits, so that a column of them keeps its
 * width; very small and very large ones as `1.31e-4`.
 */
export function formatMetric(value: number | null | undefined, locale: Locale, digits = 3): string {
  if (!isFiniteNumber(value)) return NOTHING;
  const size = Math.abs(value);
  if (value !== 0 && (size < 1e-3 || size >= 1e7)) return value.toExponential(digits - 1);
  if (size >= 100) return formatNumber(value, locale, { maximumFractionDigits: 0 });
  const magnitude = size < 1 ? 0 : Math.floor(Math.log10(size)) + 1;
  const fraction = Math.max(0, digits - magnitude);
  return formatNumber(value, locale, { minimumFractionDigits: fraction, maximumFractionDigits: fraction });
}

/** Decimal units (1 kB = 1000 B), three significant digits. */
export function formatBytes(bytes: number | null | undefined, locale: Locale): string {
  if (!isFiniteNumber(bytes)) return NOTHING;
  const unit = unitOf(bytes);
  const value = bytes / 1000 ** unit;
  const digits = unit === 0 ? 0 : Math.abs(value) < 10 ? 2 : Math.abs(value) < 100 ? 1 : 0;
  return `${formatNumber(value, locale, { maximumFractionDigits: digits })} ${BYTE_UNITS[unit] ?? "B"}`;
}

/** `9.8 / 24 GB`: both in the unit of the whole. */
export function formatBytesOf(part: number, whole: number, locale: Locale): string {
  if (!isFiniteNumber(part) || !isFiniteNumber(whole)) return NOTHING;
  const unit = unitOf(whole);
  const show = (bytes: number) =>
    formatNumber(bytes / 1000 ** unit, locale, { maximumFractionDigits: unit && bytes / 1000 ** unit < 100 ? 1 : 0 });
  return `${show(part)} / ${show(whole)} ${BYTE_UNITS[unit] ?? "B"}`;
}

/** The two largest parts: `3分40秒`, `1h 2m`; below ten seconds with a tenth. */
export function formatDuration(seconds: number | null | undefined, locale: Locale): string {
  if (!isFiniteNumber(seconds) || seconds < 0) return NOTHING;
  if (seconds < 9.95) return unitText(Math.round(seconds * 10) / 10, "second", locale);
  const whole = Math.round(seconds);
  if (whole < MINUTE_S) return unitText(whole, "second", locale);
  if (whole < HOUR_S) return pair(whole, MINUTE_S, "minute", 1, "second", locale);
  if (whole < DAY_S) return pair(whole, HOUR_S, "hour", MINUTE_S, "minute", locale);
  return pair(whole, DAY_S, "day", HOUR_S, "hour", locale);
}

/** `3 分前`, `昨日`; beyond a month the date itself. */
export function formatRelative(moment: Moment, locale: Locale, now: Moment = Date.now(), timeZone?: string): string {
  const then = new Date(moment);
  const seconds = (then.getTime() - new Date(now).getTime()) / 1000;
  if (Number.isNaN(seconds)) return NOTHING;
  const size = Math.abs(seconds);
  const format = new Intl.RelativeTimeFormat(locale, { numeric: "auto" });
  if (size < 45) return format.format(0, "second");
  if (size < 45 * MINUTE_S) return format.format(Math.round(seconds / MINUTE_S), "minute");
  if (size < 22 * HOUR_S) return format.format(Math.round(seconds / HOUR_S), "hour");
  if (size < 30 * DAY_S) return format.format(Math.round(seconds / DAY_S), "day");
  return formatDate(then, locale, timeZone);
}

/** `2026年11月30日`, `30 Nov 2026`. */
export function formatDate(moment: Moment, locale: Locale, timeZone?: string): string {
  return dateText(moment, locale, { dateStyle: DATE_STYLE[locale], timeZone });
}

/** `2026年11月30日 9:05`, `30 Nov 2026, 09:05`. */
export function formatDateTime(moment: Moment, locale: Locale, timeZone?: string): string {
  return dateText(moment, locale, { dateStyle: DATE_STYLE[locale], timeStyle: "short", timeZone });
}

/** `13:09:41`, for logs. */
export function formatClock(moment: Moment, locale: Locale, timeZone?: string): string {
  return dateText(moment, locale, { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23", timeZone });
}

function dateText(moment: Moment, locale: Locale, options: Intl.DateTimeFormatOptions): string {
  const date = new Date(moment);
  return Number.isNaN(date.getTime()) ? NOTHING : new Intl.DateTimeFormat(DATE_LOCALE[locale], options).format(date);
}

/** The index into BYTE_UNITS whose value still shows below 1000. */
function unitOf(bytes: number): number {
  let unit = 0;
  while (Math.abs(bytes) / 1000 ** unit >= 999.5 && unit < BYTE_UNITS.length - 1) unit += 1;
  return unit;
}

function unitText(value: number, unit: "day" | "hour" | "minute" | "second", locale: Locale): string {
  const unitDisplay = locale === "ja" ? "short" : "narrow";
  return numberFormat(locale, { style: "unit", unit, unitDisplay, maximumFractionDigits: 1 }).format(value).replace(/\s/g, "");
}

type DurationUnit = Parameters<typeof unitText>[1];

function pair(seconds: number, large: number, name: DurationUnit, small: number, smallName: DurationUnit, locale: Locale) {
  let first = Math.floor(seconds / large);
  let second = Math.round((seconds - first * large) / small);
  if (second * small >= large) {
    first += 1;
    second = 0;
  }
  const head = unitText(first, name, locale);
  if (second === 0) return head;
  return head + (locale === "ja" ? "" : " ") + unitText(second, smallName, locale);
}

function isFiniteNumber(value: number | null | undefined): value is number {
  return typeof value === "number" && Number.isFinite(value);
}
