"use client";

import { Eye, EyeOff, X } from "lucide-react";
import { useTranslations } from "next-intl";

import { PersonsName } from "@/components/ui/persons-name";
import { Stroke } from "@/components/chart/legend";
import { IconButton } from "@/components/ui/icon-button";
import { Link } from "@/components/ui/link";
import { JobBadge } from "@/entities/job/job-badge";
import { cn } from "@/lib/cn";
import { jobPage } from "@/lib/routes";

import type { ComparedRun } from "./use-compared";

interface RunLegendProps {
  runs: readonly ComparedRun[];
  hidden: ReadonlySet<string>;
  onToggle: (id: string) => void;
  onRemove: (id: string) => void;
  /** The run under the pointer or the focus; its lines stand out. */
  onHighlight: (id: string | null) => void;
}

/** The runs with their line, to show, to hide, to point out and to take away. */
export function RunLegend({ runs, hidden, onToggle, onRemove, onHighlight }: RunLegendProps) {
  const t = useTranslations("compare.legend");
  return (
    <ul aria-label={t("label")} className="divide-y" onPointerLeave={() => onHighlight(null)}>
      {runs.map((run) => (
        <li
          key={run.id}
          className="flex min-h-9 items-center gap-2.5 px-3.5 transition-colors hover:bg-hover"
          onPointerEnter={() => onHighlight(run.id)}
          onFocus={() => onHighlight(run.id)}
          onBlur={() => onHighlight(null)}
        >
          <RunStroke place={run.place} />
          <RunName run={run} isHidden={hidden.has(run.id)} />
          {run.job && (
            <IconButton
              size="sm"
              label={t(hidden.has(run.id) ? "show" : "hide", { name: run.job.name })}
              aria-pressed={hidden.has(run.id)}
              onClick={() => onToggle(run.id)}
            >
              {hidden.has(run.id) ? <EyeOff aria-hidden /> : <Eye aria-hidden />}
            </IconButton>
          )}
          <IconButton size="sm" label={t("remove", { name: run.job?.name ?? run.id })} onClick={() => onRemove(run.id)}>
            <X aria-hidden />
          </IconButton>
        </li>
      ))}
    </ul>
  );
}

const NO_POINTS = new Float64Array();

/** The line of a run, as the charts draw it. */
export function RunStroke({ place }: { place: number }) {
  return <Stroke series={{ name: "", label: "", steps: NO_POINTS, values: NO_POINTS, colour: place }} place={place} />;
}

function RunName({ run, isHidden }: { run: ComparedRun; isHidden: boolean }) {
  const t = useTranslations("compare.legend");
  const { id, job, problem } = run;
  if (job) {
    return (
      <span className="flex min-w-0 grow items-center gap-2.5">
        <Link
          href={jobPage(id)}
          className={cn("truncate font-medium hover:underline", isHidden && "text-ink-3 line-through")}
        >
          <PersonsName>{job.name}</PersonsName>
        </Link>
        <JobBadge job={job} />
      </span>
    );
  }
  return (
    <span className="flex min-w-0 grow flex-wrap items-baseline gap-x-2.5">
      <span className="truncate font-mono text-xs text-ink-3">{id}</span>
      {problem && <span className="text-xs text-bad">{t(isMissing(problem) ? "missing" : "failed")}</span>}
    </span>
  );
}

function isMissing(problem: Error): boolean {
  return "status" in problem && (problem.status === 404 || problem.status === 422);
}
