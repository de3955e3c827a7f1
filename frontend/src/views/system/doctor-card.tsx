"use client";

import { useLocale, useTranslations } from "next-intl";

import { Badge } from "@/components/ui/badge";
import { Button } from "@/components/ui/button";
import { Card } from "@/components/ui/card";
import { CopyButton } from "@/components/ui/copy-button";
import { ManualAnchor } from "@/components/ui/manual-anchor";
import { QueryBoundary } from "@/components/ui/query-boundary";
import { StateMark } from "@/components/ui/state-badge";
import { useDoctor } from "@/entities/system/queries";
import type { FindingOut } from "@/lib/api/generated/types.gen";
import { cn } from "@/lib/cn";
import { useFormat } from "@/lib/use-format";

import { commandIn, troublesFirst, useFindingName } from "./findings";
import { WaitingLines } from "./waiting-lines";

const USUAL_LINES = 14;
/** The same before and after, whatever is found: nothing below it moves. */
const HEIGHT = "h-[29rem] overflow-y-auto";

/** What the doctor finds; what is wrong stands first, each with its cure. */
export function DoctorCard() {
  const t = useTranslations("system.doctor");
  const format = useFormat();
  const doctor = useDoctor();
  const { data } = doctor;
  return (
    <Card
      flush
      title={t("title")}
      aside={
        <>
          {data && <Verdict findings={data.findings} />}
          {data && <span className="max-sm:hidden">{format.clock(doctor.dataUpdatedAt)}</span>}
          <Button size="sm" onClick={() => void doctor.refetch()} pending={doctor.isFetching}>
            {t("again")}
          </Button>
        </>
      }
    >
      <QueryBoundary
        query={doctor}
        problemClassName="m-3.5 mt-1"
        waiting={
          <>
            <p role="status" className="sr-only">
              {t("examining")}
            </p>
            <div className={HEIGHT}>
              <WaitingLines count={USUAL_LINES} />
            </div>
          </>
        }
      >
        <ul tabIndex={0} aria-label={t("title")} className={cn("divide-y border-t", HEIGHT)}>
          {troublesFirst(data?.findings ?? []).map((finding) => (
            <FindingLine key={finding.id} finding={finding} />
          ))}
        </ul>
      </QueryBoundary>
    </Card>
  );
}

function Verdict({ findings }: { findings: readonly FindingOut[] }) {
  const t = useTranslations("system.doctor");
  const count = findings.filter((finding) => finding.state !== "ok").length;
  const isBad = findings.some((finding) => finding.state === "fail");
  return (
    <span role="status">
      {count === 0 ? (
        <Badge tone="good" mark={<StateMark state="completed" />}>
          {t("allWell")}
        </Badge>
      ) : (
        <Badge tone={isBad ? "bad" : "caution"} mark={<StateMark state={isBad ? "failed" : "cancelled"} />}>
          {t("troubles", { count })}
        </Badge>
      )}
    </span>
  );
}

const MARK = { ok: "completed", warn: "cancelled", fail: "failed" } as const;
const TONE = { ok: "text-good", warn: "text-caution", fail: "text-bad" } as const;

function FindingLine({ finding }: { finding: FindingOut }) {
  const t = useTranslations("system.doctor");
  const locale = useLocale();
  const name = useFindingName()(finding.id);
  const detail = locale === "ja" ? finding.detail_ja : finding.detail_en;
  const cure = locale === "ja" ? finding.cure_ja : finding.cure_en;
  const page = locale === "ja" ? finding.help_ja : finding.help_en;
  const command = cure && commandIn(cure);
  return (
    <li className={cn("grid gap-x-4 px-3.5 py-1.5 sm:grid-cols-[9.5rem_minmax(0,1fr)]", finding.state === "fail" && "bg-bad-soft", finding.state === "warn" && "bg-caution-soft")}>
      <span className="flex items-center gap-2">
        <span className={TONE[finding.state]}>
          <StateMark state={MARK[finding.state]} />
          <span className="sr-only">{t(`states.${finding.state}`)}</span>
        </span>
        {name}
      </span>
      <span className="min-w-0 max-sm:pl-4">
        <span className={cn("block", finding.state === "ok" ? "text-ink-3" : "text-ink")}>{detail}</span>
        {cure && (
          <span className="mt-0.5 flex items-start gap-1">
            <span className="min-w-0">
              <span className="font-medium">{t("cure")}</span> {cure}
            </span>
            {command && <CopyButton text={command} label={t("copyCommand", { command })} className="-my-0.5 shrink-0" />}
          </span>
        )}
        {page && <ManualAnchor plain page={page} />}
      </span>
    </li>
  );
}
