"use client";

import { Download, Search } from "lucide-react";
import { useTranslations } from "next-intl";
import { parseAsString, parseAsStringLiteral, useQueryStates } from "nuqs";
import { useMemo, useState } from "react";

import { Button } from "@/components/ui/button";
import { Card } from "@/components/ui/card";
import { IconButton } from "@/components/ui/icon-button";
import { Input } from "@/components/ui/input";
import { ProblemState } from "@/components/ui/problem";
import { Select } from "@/components/ui/select";
import { notify } from "@/components/ui/toast";
import { Switch } from "@/components/ui/switch";
import { useJobLogs } from "./use-job-logs";
import type { JobDetail } from "@/lib/api/generated/types.gen";
import { logFile } from "./whole-files";
import { useApiLink } from "@/lib/api/address";
import { saveFrom } from "@/lib/download";
import { filterLog, LEVELS } from "./log-filter";
import { LogLines } from "./log-lines";

interface LogCardProps {
  job: JobDetail;
  isLive: boolean;
  height: number;
}

/** What the run says, from the level that matters on; follows the newest line until one scrolls away. */
export function LogCard({ job, isLive, height }: LogCardProps) {
  const t = useTranslations("job.log");
  const linkTo = useApiLink();
  const { lines, isCut, loadEarlier, isLoadingEarlier, error, refetch, isPending } = useJobLogs(job.id, isLive);
  const [{ q, level }, change] = useQueryStates({
    q: parseAsString.withDefault(""),
    level: parseAsStringLiteral(LEVELS).withDefault("info"),
  });
  const [isFollowing, setFollowing] = useState(true);
  const shown = useMemo(() => filterLog(lines, level, q), [lines, level, q]);
  const tools = (
    <>
      <span className="w-44">
        <Input
        value={q}
        onValueChange={(next) => void change({ q: next || null })}
        placeholder={t("search")}
        aria-label={t("search")}
        before={<Search aria-hidden />}
        className="h-7"
        />
      </span>
      <Select
        label={t("level")}
        value={level}
        onChange={(next) => void change({ level: next })}
        options={LEVELS.map((one) => ({ value: one, label: t(`levels.${one}`) }))}
        className="h-7 w-36"
      />
      <Switch label={t("follow")} checked={isFollowing} onChange={setFollowing} />
      <IconButton
        size="sm"
        label={t("download")}
        disabled={lines.length === 0}
        onClick={() => saveFrom(linkTo(logFile(job.id)))}
      >
        <Download aria-hidden />
      </IconButton>
    </>
  );
  return (
    <Card title={t("title")} aside={<div className="flex flex-wrap items-center gap-x-3 gap-y-1 text-ink-2">{tools}</div>}>
      {error ? (
        <ProblemState problem={error} onRetry={() => void refetch()} />
      ) : (
        <LogLines
          lines={shown}
          height={height}
          label={t("title")}
          isLive={isLive}
          isFollowing={isFollowing}
          onFollowing={setFollowing}
          empty={isPending ? "" : t(lines.length > 0 ? "nothingFound" : isLive ? "waiting" : "none")}
        />
      )}
      {isCut && (
        <p className="flex flex-wrap items-center gap-x-3 pt-2 text-xs text-ink-3">
          {t("cut", { count: lines.length })}
          {loadEarlier && (
            <Button size="sm" variant="quiet" pending={isLoadingEarlier} onClick={() => void loadEarlier().catch(() => notify.bad(t("earlierFailed")))}>
              {t("earlier")}
            </Button>
          )}
        </p>
      )}
    </Card>
  );
}
