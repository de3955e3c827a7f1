"use client";

import { useMemo } from "react";

import { useDatasets } from "@/entities/dataset/queries";
import { useJobs } from "@/entities/job/use-jobs";
import { useDeployments } from "@/entities/model/queries";
import type { DatasetOut, DeploymentOut, JobOut } from "@/lib/api/generated/types.gen";

import { MOST_OPEN, NEWEST, OPEN, TRAININGS } from "./reads";

/** All that the page shows, newest first and live. */
export interface HomeFacts {
  datasets: readonly DatasetOut[];
  hasMoreDatasets: boolean;
  trainings: readonly JobOut[];
  open: readonly JobOut[];
  deployments: readonly DeploymentOut[];
}

export function useFacts() {
  const datasets = useDatasets();
  const open = useJobs(OPEN, MOST_OPEN);
  const trainings = useJobs(TRAININGS, NEWEST);
  const deployments = useDeployments({}, NEWEST);
  const queries = [datasets, open, trainings, deployments];
  const isKnown = queries.every((query) => query.data !== undefined);
  const [sets, hasMore] = [datasets.datasets, datasets.hasNextPage];
  const facts = useMemo<HomeFacts | null>(
    () =>
      isKnown
        ? { datasets: sets, hasMoreDatasets: hasMore, trainings: trainings.jobs, open: open.jobs, deployments: deployments.deployments }
        : null,
    [isKnown, sets, hasMore, trainings.jobs, open.jobs, deployments.deployments],
  );
  const problem = facts ? null : (queries.find((query) => query.error)?.error ?? null);
  return { facts, problem, retry: () => queries.forEach((query) => query.isError && void query.refetch()) };
}
