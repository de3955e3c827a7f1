"use client";

import { useMemo } from "react";

import type { JobDetail } from "@/lib/api/generated/types.gen";

import { CompareCharts, type CompareChartsProps } from "./compare-charts";
import { ConfigTable } from "./config-table";
import { MetricsTable } from "./metrics-table";

/** Curves, last values and settings: they come together, so that none pushes another down. */
export function CompareResults({ jobs, ...charts }: CompareChartsProps & { jobs: readonly JobDetail[] }) {
  const { runs } = charts;
  const found = useMemo(() => runs.filter(({ job }) => job !== null), [runs]);
  return (
    <>
      <CompareCharts {...charts} />
      <MetricsTable runs={found} jobs={jobs} />
      <ConfigTable runs={found} jobs={jobs} />
    </>
  );
}
