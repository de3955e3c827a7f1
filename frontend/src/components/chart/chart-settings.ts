"use client";

import { create } from "zustand";
import { persist } from "zustand/middleware";

export interface ChartSettings {
  smoothing: number;
  isLog: boolean;
  isClipped: boolean;
}

export const MAX_SMOOTHING = 0.99;

const PLAIN: ChartSettings = { smoothing: 0, isLog: false, isClipped: false };

interface SettingsStore {
  byChart: Readonly<Record<string, Partial<ChartSettings>>>;
  change: (chart: string, change: Partial<ChartSettings>) => void;
}

const useStore = create<SettingsStore>()(
  persist(
    (set) => ({
      byChart: {},
      change: (chart, change) =>
        set(({ byChart }) => ({ byChart: { ...byChart, [chart]: { ...byChart[chart], ...change } } })),
    }),
    { name: "llmlora_charts", partialize: ({ byChart }) => ({ byChart }) },
  ),
);

/** How a person likes to see a kind of chart; kept in this browser. `first`: until they have chosen. */
export function useChartSettings(
  chart: string,
  first: Partial<ChartSettings> = {},
): [ChartSettings, (change: Partial<ChartSettings>) => void] {
  const chosen = useStore((store) => store.byChart[chart]);
  const change = useStore((store) => store.change);
  return [{ ...PLAIN, ...first, ...chosen }, (next) => change(chart, next)];
}
