"use client";

import type { JobDetail } from "@/lib/api/generated/types.gen";

import { CompareCharts, type CompareChartsProps } from "./compare-charts";
import { ConfigTable } from "./config-table";
import { MetricsTable } from "./metrics-table";

/** Curves, last values and settings: they come together, so that none pushes another down. */
export function CompareResults({ jobs, ...charts }: CompareChartsProps & { jobs: readonly JobDetail[] }) {
  const found = charts.runs.filter(({ job }) => job !== null);
  return (
    <>
      <CompareCharts {...charts} />
      <MetricsTable runs={found} jobs={jobs} />
      <ConfigTable runs={found} jobs={jobs} />
    </>
  );
}
