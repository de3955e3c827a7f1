"use client";

import { useMemo } from "react";

import { useDatasets } from "@/entities/dataset/queries";
import { useJobs } from "@/entities/job/use-jobs";
import { useDeployments } from "@/entities/model/queries";
import { namesOf } from "@/entities/recipe/names";
import { useRecipes } from "@/entities/recipe/queries";
import type { DatasetOut, DeploymentOut, JobOut } from "@/lib/api/generated/types.gen";

import { LIVE, MOST_OPEN, NEWEST, RUNNING, WAITING } from "./reads";

/** All that the page shows, newest first and live. */
export interface HomeFacts {
  datasets: readonly DatasetOut[];
  /** How many data sets there are; `datasets` are the newest of them. */
  datasetCount: number;
  trainings: readonly JobOut[];
  open: readonly JobOut[];
  /** The newest, and those that answer, be they older. */
  deployments: readonly DeploymentOut[];
  /** How many deployments there are. */
  deploymentCount: number;
}

export function useFacts() {
  const datasets = useDatasets();
  const running = useJobs(RUNNING, MOST_OPEN);
  const waiting = useJobs(WAITING, MOST_OPEN);
  const recipes = useRecipes();
  const training = useMemo(() => namesOf(recipes.data ?? [], true), [recipes.data]);
  const trainings = useJobs({ recipe: training }, NEWEST, recipes.data !== undefined);
  const deployments = useDeployments({}, NEWEST);
  const live = useDeployments(LIVE, MOST_OPEN);
  const queries = [recipes, datasets, running, waiting, trainings, deployments, live];
  const isKnown = queries.every((query) => query.data !== undefined);
  const [sets, total] = [datasets.datasets, datasets.total];
  const facts = useMemo<HomeFacts | null>(
    () =>
      isKnown
        ? {
            datasets: sets,
            datasetCount: total ?? sets.length,
            trainings: withRunning(trainings.jobs, running.jobs, training),
            open: [...running.jobs, ...waiting.jobs],
            deployments: withLive(deployments.deployments, live.deployments),
            deploymentCount: deployments.total ?? deployments.deployments.length,
          }
        : null,
    [isKnown, sets, total, training, trainings.jobs, running.jobs, waiting.jobs, deployments.deployments, deployments.total, live.deployments],
  );
  const problem = facts ? null : (queries.find((query) => query.error)?.error ?? null);
  return { facts, problem, retry: () => queries.forEach((query) => query.isError && void query.refetch()) };
}

/** The newest trainings, and those that run though many have been asked for since. */
function withRunning(trainings: readonly JobOut[], running: readonly JobOut[], training: readonly string[]): JobOut[] {
  const known = new Set(trainings.map(({ id }) => id));
  return [...trainings, ...running.filter(({ id, recipe }) => training.includes(recipe) && !known.has(id))];
}

/** Newest first: the newest deployments, and all that answer. */
export function withLive(newest: readonly DeploymentOut[], live: readonly DeploymentOut[]): DeploymentOut[] {
  const known = new Set(newest.map(({ id }) => id));
  const older = live.filter(({ id }) => !known.has(id));
  return [...newest, ...older].sort((one, other) => other.created_at.localeCompare(one.created_at));
}
