"use client";

import { useMemo } from "react";

import type { JobDetail } from "@/lib/api/generated/types.gen";

import { CompareCharts, type CompareChartsProps } from "./compare-charts";
import { ConfigTable } from "./config-table";
import { MetricsTable } from "./metrics-table";

/** What differs, curves and last values: they come together, so that none pushes another down. */
export function CompareResults({ jobs, ...charts }: CompareChartsProps & { jobs: readonly JobDetail[] }) {
  const { runs, metrics } = charts;
  const found = useMemo(() => runs.filter(({ job }) => job !== null), [runs]);
  return (
    <>
      <ConfigTable runs={found} jobs={jobs} />
      <CompareCharts {...charts} />
      <MetricsTable runs={found} jobs={jobs} metrics={metrics} />
    </>
  );
}
