"use client";

import { useLocale } from "next-intl";
import { useMemo } from "react";


import * as format from "./format";
import { useServerMoment, useZone } from "./hydration";

/** `lib/format` in the page's language and the browser's time zone. */
export function useFormat() {
  const locale = useLocale();
  const zone = useZone();
  const moment = useServerMoment();
  return useMemo(
    () => ({
      number: (value: number | null | undefined, options?: Intl.NumberFormatOptions) =>
        format.formatNumber(value, locale, options),
      percent: (ratio: number | null | undefined, digits?: number) => format.formatPercent(ratio, locale, digits),
      metric: (value: number | null | undefined, digits?: number) => format.formatMetric(value, locale, digits),
      bytes: (bytes: number | null | undefined) => format.formatBytes(bytes, locale),
      bytesOf: (part: number, whole: number) => format.formatBytesOf(part, whole, locale),
      duration: (seconds: number | null | undefined) => format.formatDuration(seconds, locale),
      relative: (then: Date | string | number, now?: Date | number) => format.formatRelative(then, locale, now ?? moment ?? undefined, zone),
      date: (then: Date | string | number) => format.formatDate(then, locale, zone),
      dateTime: (then: Date | string | number) => format.formatDateTime(then, locale, zone),
      clock: (then: Date | string | number) => format.formatClock(then, locale, zone),
    }),
    [locale, zone, moment],
  );
}
