"use client";

import dynamic from "next/dynamic";
import { useTranslations } from "next-intl";

import { Skeleton } from "@/components/ui/skeleton";
import { Tabs } from "@/components/ui/tabs";
import { leadingIn } from "@/entities/job/chain";
import { useRecipeBook } from "@/entities/recipe/queries";
import type { DeploymentOut, JobDetail } from "@/lib/api/generated/types.gen";
import { hasOutputs } from "./reads";
import { besideCharts, ReportCards } from "./reports";

const JobCharts = dynamic(() => import("@/entities/job/job-charts").then((loaded) => loaded.JobCharts), { ssr: false, loading: ChartsPlace });
const GatesCard = dynamic(() => import("@/entities/model/gates-card").then((loaded) => loaded.GatesCard));
const OutputsCard = dynamic(() => import("./outputs-card").then((loaded) => loaded.OutputsCard));
const ResourcesCard = dynamic(() => import("./resources-card").then((loaded) => loaded.ResourcesCard));
const LogCard = dynamic(() => import("@/entities/job/log-card").then((loaded) => loaded.LogCard), { ssr: false, loading: LogPlace });
const EventsTab = dynamic(() => import("./events-tab").then((loaded) => loaded.EventsTab), { ssr: false });
const ConfigTab = dynamic(() => import("./config-tab").then((loaded) => loaded.ConfigTab), { ssr: false });
const FilesTab = dynamic(() => import("./files-tab").then((loaded) => loaded.FilesTab), { ssr: false });

export const TAB_NAMES = ["overview", "log", "events", "config", "files"] as const;
export type TabName = (typeof TAB_NAMES)[number];

const SHORT_LOG_PX = 180;
const LONG_LOG_PX = 560;

interface JobTabsProps {
  job: JobDetail;
  jobs: readonly JobDetail[];
  deployment: DeploymentOut | null;
  isLive: boolean;
  tab: TabName;
  onTab: (tab: TabName) => void;
}

export function JobTabs({ job, jobs, deployment, isLive, tab, onTab }: JobTabsProps) {
  const t = useTranslations("job.tabs");
  const files = jobs.reduce((sum, one) => sum + one.artifacts.length, 0);
  return (
    <Tabs
      label={t("label")}
      value={tab}
      onChange={onTab}
      tabs={[
        { value: "overview", label: t("overview"), panel: <Overview job={job} jobs={jobs} deployment={deployment} isLive={isLive} /> },
        { value: "log", label: t("log"), panel: <LogCard job={job} isLive={isLive} height={LONG_LOG_PX} /> },
        { value: "events", label: t("events"), panel: <EventsTab job={job} isLive={isLive} /> },
        { value: "config", label: t("config"), panel: <ConfigTab job={job} /> },
        { value: "files", label: t("files"), count: files || undefined, panel: <FilesTab jobs={jobs} /> },
      ]}
    />
  );
}

function Overview({ job, jobs, deployment, isLive }: Omit<JobTabsProps, "tab" | "onTab">) {
  const book = useRecipeBook();
  const recipe = book.of(job.recipe);
  return (
    <div className="grid gap-3">
      {recipe && recipe.metrics.length > 0 && <JobCharts job={job} recipe={recipe} isLive={isLive} beside={besideCharts(job, recipe)} />}
      {job.state === "running" && <ResourcesCard job={job} />}
      {hasOutputs(job, book) && <OutputsCard training={job} jobs={jobs} />}
      {deployment?.state !== "rejected" && <GatesCard jobs={leadingIn(jobs, job, book)} deployment={deployment} />}
      <ReportCards job={job} />
      <LogCard job={job} isLive={isLive} height={SHORT_LOG_PX} />
    </div>
  );
}

/** As tall as the charts: only a training draws any, and its page need not wait for what draws them. */
function ChartsPlace() {
  return (
    <div className="grid gap-3">
      <div className="grid gap-3 lg:grid-cols-[2fr_1fr]">
        <Skeleton className="h-95 rounded-lg" />
        <Skeleton className="h-95 rounded-lg" />
      </div>
      <div className="grid gap-3 md:grid-cols-3">
        <Skeleton className="h-52 rounded-lg" />
        <Skeleton className="h-52 rounded-lg" />
        <Skeleton className="h-52 rounded-lg" />
      </div>
    </div>
  );
}

/** As tall as the short log, so that nothing moves when it comes. */
function LogPlace() {
  return <div style={{ height: SHORT_LOG_PX + 56 }} className="rounded-lg border bg-panel" />;
}
