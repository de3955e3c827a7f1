"use client";

import { useLocale } from "next-intl";
import { useMemo } from "react";

import * as format from "./format";

/** `lib/format` in the page's language and the browser's time zone. */
export function useFormat() {
  const locale = useLocale();
  return useMemo(
    () => ({
      number: (value: number | null | undefined, options?: Intl.NumberFormatOptions) =>
        format.formatNumber(value, locale, options),
      percent: (ratio: number | null | undefined, digits?: number) => format.formatPercent(ratio, locale, digits),
      metric: (value: number | null | undefined, digits?: number) => format.formatMetric(value, locale, digits),
      bytes: (bytes: number | null | undefined) => format.formatBytes(bytes, locale),
      bytesOf: (part: number, whole: number) => format.formatBytesOf(part, whole, locale),
      duration: (seconds: number | null | undefined) => format.formatDuration(seconds, locale),
      relative: (moment: Date | string | number, now?: Date | number) => format.formatRelative(moment, locale, now),
      date: (moment: Date | string | number) => format.formatDate(moment, locale),
      dateTime: (moment: Date | string | number) => format.formatDateTime(moment, locale),
      clock: (moment: Date | string | number) => format.formatClock(moment, locale),
    }),
    [locale],
  );
}
