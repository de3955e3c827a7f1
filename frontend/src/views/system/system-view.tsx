"use client";

import { useTranslations } from "next-intl";

import { Page } from "@/components/layout/page";
import { ProblemState } from "@/components/ui/problem";
import { useSystem } from "@/entities/system/queries";

import { DiskCard } from "./disk-card";
import { DoctorCard } from "./doctor-card";
import { JobFilesCard } from "./job-files-card";
import { NowStrip } from "./now-strip";
import { QueueCard } from "./queue-card";
import { ServicesCard } from "./services-card";
import { VersionsCard } from "./versions-card";

/** The machine, the services and their health, with a cure beside whatever is wrong. */
export function SystemView() {
  const t = useTranslations("system");
  const system = useSystem();
  const { data } = system;
  return (
    <Page title={t("title")} description={t("description")}>
      <div className="grid gap-3">
        <ProblemState problem={system.error} onRetry={() => void system.refetch()} retrying={system.isFetching} />
        <NowStrip devices={data?.devices} />
        <div className="grid items-start gap-3 lg:grid-cols-[minmax(0,3fr)_minmax(0,2fr)]">
          <DoctorCard />
          <div className="grid gap-3">
            <QueueCard queue={data?.queue} />
            <ServicesCard system={data} />
          </div>
        </div>
        <div className="grid items-start gap-3 lg:grid-cols-[minmax(0,3fr)_minmax(0,2fr)]">
          <div className="grid gap-3">
            <DiskCard disk={data?.disk} />
            <JobFilesCard />
          </div>
          <VersionsCard versions={data?.versions} />
        </div>
      </div>
    </Page>
  );
}
