"use client";

import { ChartLine } from "lucide-react";
import dynamic from "next/dynamic";
import { useTranslations } from "next-intl";
import { useState } from "react";

import { Page } from "@/components/layout/page";
import { Card } from "@/components/ui/card";
import { EmptyState } from "@/components/ui/empty-state";
import { LinkButton } from "@/components/ui/link-button";
import { ProblemNote } from "@/components/ui/problem";
import { Loading, Skeleton } from "@/components/ui/skeleton";
import { useRunCurves } from "@/entities/job/use-run-curves";
import { useMetrics } from "@/entities/recipe/metrics";
import { isFinal } from "@/lib/live/reducer";

import { AddRun } from "./add-run";
import { MOST_RUNS } from "./reads";
import { RunLegend } from "./run-legend";
import { useCompared, useCompareLook } from "./use-compared";

const CompareResults = dynamic(() => import("./compare-results").then((module) => module.CompareResults), {
  ssr: false,
  loading: () => <ChartsSkeleton />,
});

const POINTS = 2000;

/** Several trainings over each other: curves, what differs, how they ended. */
export function CompareView() {
  const t = useTranslations("compare");
  const { runs, jobs, add, remove, hasTooMany } = useCompared();
  const { look, change, toggle } = useCompareLook();
  const metrics = useMetrics(jobs);
  const [highlighted, setHighlighted] = useState<string | null>(null);
  const found = runs.filter(({ job }) => job !== null);
  const { curves, version, isPending, problems } = useRunCurves(
    found.map(({ id, job }) => ({ id, isLive: job !== null && !isFinal(job.state) })),
    POINTS,
  );
  return (
    <Page wide title={t("title")} description={t("description")}>
      <div className="grid gap-3">
        <Card flush title={t("runs", { count: runs.length })} aside={hasTooMany && t("tooMany", { most: MOST_RUNS })}>
          <RunLegend runs={runs} hidden={look.hidden} onToggle={toggle} onRemove={remove} onHighlight={setHighlighted} />
          <div className="border-t px-3.5 py-2.5">
            <div className="w-72 max-w-full">
              <AddRun taken={runs.map(({ id }) => id)} isFull={runs.length >= MOST_RUNS} onAdd={add} />
            </div>
          </div>
          {[...problems.values()].slice(0, 1).map((problem) => (
            <ProblemNote key="problem" problem={problem} className="px-3.5 pb-2.5" />
          ))}
        </Card>
        {runs.length === 0 && (
          <Card flush>
            <EmptyState
              icon={<ChartLine aria-hidden />}
              title={t("empty.title")}
              description={t("empty.description")}
              action={
                <LinkButton variant="primary" href="/training">
                  {t("empty.action")}
                </LinkButton>
              }
            />
          </Card>
        )}
        {found.length > 0 &&
          (isPending && curves.size === 0 ? (
            <ChartsSkeleton />
          ) : (
            <CompareResults
              runs={runs}
              jobs={jobs}
              curves={curves}
              metrics={metrics}
              version={version}
              look={look}
              onLook={change}
              highlighted={highlighted}
            />
          ))}
      </div>
    </Page>
  );
}

function ChartsSkeleton() {
  return (
    <Loading className="grid gap-3 lg:grid-cols-2">
      <Skeleton className="h-80 rounded-lg" />
      <Skeleton className="h-80 rounded-lg" />
    </Loading>
  );
}
