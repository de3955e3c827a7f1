"use client";

import { useTranslations } from "next-intl";
import { useMemo } from "react";

import { PersonsName } from "@/components/ui/persons-name";
import { RowLink } from "@/components/ui/row-link";
import type { Column } from "@/components/ui/table-columns";
import { type Chain, goesOn } from "@/entities/job/chain";
import { ChainMarks } from "@/entities/job/chain-marks";
import { notFinite } from "@/entities/job/figures";
import { JobBadge } from "@/entities/job/job-badge";
import { durationS } from "@/entities/job/job-time";
import { MainCurve } from "@/entities/job/main-curve";
import { TagChips } from "@/entities/label/tag-chips";
import { useRecipeBook } from "@/entities/recipe/queries";
import type { JobOut } from "@/lib/api/generated/types.gen";
import { cn } from "@/lib/cn";
import { jobPage } from "@/lib/routes";
import { useFormat } from "@/lib/use-format";

import { DatasetName, ProgressCell, type RowContext, RunTime, useFailureLine } from "./row-facts";
import { RowMenu } from "./row-menu";
import type { ListedChain } from "./use-chains";

export interface RowActions {
  onToggle: (id: string) => void;
  onCancel: (chain: Chain) => void;
  onDelete: (chain: Chain) => void;
}

/** A job and what follows it, in a line. */
export function useTrainingColumns(context: RowContext, actions: RowActions, more: readonly Column<ListedChain>[]): Column<ListedChain>[] {
  const t = useTranslations("training");
  const states = useTranslations("states");
  const format = useFormat();
  const book = useRecipeBook();
  const { onToggle, onCancel, onDelete } = actions;
  return useMemo(
    () => [
      {
        id: "name",
        label: t("columns.name"),
        value: ({ job }) => job.name,
        cell: (chain) => (
          <>
            <RowLink href={jobPage(chain.job.id)}>
              <PersonsName>{chain.job.name}</PersonsName>
            </RowLink>
            <SecondLine chain={chain} context={context} />
          </>
        ),
      },
      {
        id: "state",
        label: t("columns.state"),
        headClassName: "w-28",
        value: (chain) => (goesOn(chain, book) ? states("trained") : states(`job.${chain.job.state}`)),
        cell: (chain) => <JobBadge job={chain.job} goesOn={goesOn(chain, book)} />,
      },
      {
        id: "recipe",
        label: t("columns.recipe"),
        from: "wide",
        headClassName: "w-28",
        className: "text-ink-2",
        value: ({ job }) => context.titleOf(job.recipe),
        cell: ({ job }) => <span className="block truncate">{context.titleOf(job.recipe)}</span>,
      },
      {
        id: "dataset",
        label: t("columns.dataset"),
        from: "xl",
        headClassName: "w-36",
        className: "text-ink-2",
        value: ({ job }) => context.datasets.get(job.inputs.dataset_id ?? ""),
        cell: (chain) => (
          <span className="block truncate">
            <DatasetName chain={chain} datasets={context.datasets} />
          </span>
        ),
      },
      {
        id: "last.train/loss",
        label: t("columns.loss"),
        headClassName: "w-36",
        value: ({ job }) => job.latest_metrics["train/loss"]?.value,
        cell: ({ job }) => <Loss job={job} />,
      },
      {
        id: "progress",
        label: t("columns.progress"),
        headClassName: "w-40",
        value: ({ job: { progress } }) => progress && progress.done / progress.total,
        text: ({ job: { progress } }) => (progress ? `${progress.done} / ${progress.total}` : ""),
        cell: (chain) => <ProgressCell chain={chain} queue={context.queue} />,
      },
      {
        id: "duration",
        label: t("columns.duration"),
        numeric: true,
        unit: "s",
        headClassName: "w-22",
        className: "text-ink-2",
        value: ({ job }) => durationS(job, context.nowMs),
        cell: ({ job }) => <RunTime job={job} />,
      },
      {
        id: "created",
        label: t("columns.created"),
        numeric: true,
        from: "xl",
        headClassName: "w-26",
        className: "text-ink-2",
        value: ({ job }) => Date.parse(job.created_at),
        text: ({ job }) => job.created_at,
        cell: ({ job }) => (
          <time dateTime={job.created_at} title={format.dateTime(job.created_at)}>
            {format.relative(job.created_at, context.nowMs)}
          </time>
        ),
      },
      ...more,
      {
        id: "menu",
        label: t("columns.menu"),
        hideLabel: true,
        headClassName: "w-11 pl-0",
        className: "pl-0",
        cell: (chain, isSelected = false) => (
          <span className="relative z-10 flex justify-end">
            <RowMenu
              chain={chain}
              isSelected={isSelected}
              onSelect={() => onToggle(chain.job.id)}
              onCancel={() => onCancel(chain)}
              onDelete={() => onDelete(chain)}
            />
          </span>
        ),
      },
    ],
    [t, book, states, format, context, onToggle, onCancel, onDelete, more],
  );
}

function Loss({ job }: { job: JobOut }) {
  const format = useFormat();
  const main = useRecipeBook().mainMetric(job.recipe);
  const loss = main && job.latest_metrics[main.name];
  return (
    <span className="flex items-center gap-2">
      <MainCurve job={job} width={72} />
      <span className="whitespace-nowrap">{loss && (notFinite(loss) ?? format.metric(loss.value))}</span>
    </span>
  );
}

/** Under the name: why it failed, else what follows; in between, what has no column of its own. */
function SecondLine({ chain, context }: { chain: Chain; context: RowContext }) {
  const t = useTranslations("training");
  const failure = useFailureLine(chain);
  const { job } = chain;
  const isBare = !failure && !job.resumes_job_id && chain.stages.length === 0 && job.tags.length === 0;
  return (
    <div className={cn("flex h-4.5 min-w-0 items-center overflow-hidden gap-2.5 text-xs text-ink-3", job.tags.length > 0 && "mt-1", isBare && "xl:hidden")}>
      {job.resumes_job_id && <span className="shrink-0">{t("resumed")}</span>}
      <span className="truncate empty:hidden xl:hidden">
        <DatasetName chain={chain} datasets={context.datasets} />
      </span>
      <ChainMarks chain={chain} />
      <TagChips tags={job.tags} list="/training" most={3} />
      {failure && (
        <span className="truncate text-bad" title={failure}>
          {failure}
        </span>
      )}
    </div>
  );
}
