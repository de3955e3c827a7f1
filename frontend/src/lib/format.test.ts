import { describe, expect, test } from "vitest";

import {
  formatBytes,
  formatBytesOf,
  formatClock,
  formatDateTime,
  formatDuration,
  formatMetric,
  formatNumber,
  formatPercent,
  formatRelative,
  NOTHING,
} from "./format";

const NOW = Date.UTC(2026, 10, 21, 4, 4, 0);

describe("numbers", () => {
  test("are grouped", () => expect(formatNumber(41320, "ja")).toBe("41,320"));
  test.each([Number.NaN, Number.POSITIVE_INFINITY, null, undefined])("%s shows nothing", (value) => {
    expect(formatNumber(value, "ja")).toBe(NOTHING);
    expect(formatMetric(value, "en")).toBe(NOTHING);
    expect(formatBytes(value, "en")).toBe(NOTHING);
    expect(formatDuration(value, "ja")).toBe(NOTHING);
  });
  test("a ratio is a percentage", () => {
    expect(formatPercent(0.637, "ja")).toBe("64%");
    expect(formatPercent(0.637, "en", 1)).toBe("63.7%");
  });
  test.each([
    [0.41194, "0.412"],
    [0, "0.000"],
    [1.5, "1.50"],
    [12.345, "12.3"],
    [2184.4, "2,184"],
    [0.000131, "1.31e-4"],
    [0.0012, "0.001"],
    [-0.5, "-0.500"],
    [12_345_678, "1.23e+7"],
  ])("a metric of %d is %s", (value, text) => expect(formatMetric(value, "ja")).toBe(text));
});

describe("bytes", () => {
  test.each([
    [0, "0 B"],
    [999, "999 B"],
    [1000, "1 kB"],
    [999_999, "1 MB"],
    [4_900_000, "4.9 MB"],
    [270_000_000, "270 MB"],
    [24_300_000_000, "24.3 GB"],
    [1.5e12, "1.5 TB"],
  ])("%d is %s", (bytes, text) => expect(formatBytes(bytes, "ja")).toBe(text));
  test("a part is told in the unit of the whole", () => {
    expect(formatBytesOf(9_800_000_000, 24_000_000_000, "ja")).toBe("9.8 / 24 GB");
    expect(formatBytesOf(10_000_000, 24_000_000_000, "ja")).toBe("0 / 24 GB");
    expect(formatBytesOf(12, 400, "en")).toBe("12 / 400 B");
  });
});

describe("durations", () => {
  test.each([
    [0, "0秒", "0s"],
    [3.14, "3.1秒", "3.1s"],
    [9.97, "10秒", "10s"],
    [59.6, "1分", "1m"],
    [220, "3分40秒", "3m 40s"],
    [3600, "1時間", "1h"],
    [3599.9, "1時間", "1h"],
    [7199, "2時間", "2h"],
    [3723, "1時間2分", "1h 2m"],
    [90_000, "1日1時間", "1d 1h"],
  ])("%d s", (seconds, ja, en) => {
    expect(formatDuration(seconds, "ja")).toBe(ja);
    expect(formatDuration(seconds, "en")).toBe(en);
  });
  test("time that runs backwards shows nothing", () => expect(formatDuration(-1, "ja")).toBe(NOTHING));
});

describe("moments", () => {
  const before = (seconds: number) => NOW - seconds * 1000;
  test.each([
    [10, "今", "now"],
    [180, "3 分前", "3 minutes ago"],
    [2 * 3600, "2 時間前", "2 hours ago"],
    [24 * 3600, "昨日", "yesterday"],
    [-180, "3 分後", "in 3 minutes"],
  ])("%d s ago", (seconds, ja, en) => {
    expect(formatRelative(before(seconds), "ja", NOW)).toBe(ja);
    expect(formatRelative(before(seconds), "en", NOW)).toBe(en);
  });
  test("long ago is a date", () => {
    expect(formatRelative(before(90 * 24 * 3600), "ja", NOW, "UTC")).toBe("2026年8月23日");
    expect(formatRelative(before(90 * 24 * 3600), "en", NOW, "UTC")).toBe("23 Aug 2026");
  });
  test("day and minute, in the asked zone", () => {
    expect(formatDateTime(NOW, "ja", "Asia/Tokyo")).toBe("2026年11月21日 13:04");
    expect(formatDateTime("2026-11-30T00:05:00Z", "ja", "Asia/Tokyo")).toBe("2026年11月30日 9:05");
    expect(formatDateTime("2026-11-30T00:05:00Z", "en", "Asia/Tokyo")).toBe("30 Nov 2026, 09:05");
    expect(formatClock(NOW, "en", "Asia/Tokyo")).toBe("13:04:00");
  });
  test("what is no moment shows nothing", () => {
    expect(formatRelative("soon", "ja")).toBe(NOTHING);
    expect(formatDateTime("soon", "ja")).toBe(NOTHING);
  });
});
