"use client";

import { useTranslations } from "next-intl";
import { memo } from "react";

import { Checkbox } from "@/components/ui/checkbox";
import { Td, Tr } from "@/components/ui/table";
import { type Chain, goesOn } from "@/entities/job/chain";
import { notFinite } from "@/entities/job/figures";
import { JobBadge } from "@/entities/job/job-badge";
import { ChainMarks } from "@/entities/job/chain-marks";
import { LossSpark } from "@/entities/job/loss-spark";
import { cn } from "@/lib/cn";
import { useFormat } from "@/lib/use-format";

import { DatasetName, ProgressCell, type RowContext, RunTime, useFailureLine } from "./row-facts";
import { RowLink } from "./row-link";
import { RowMenu } from "./row-menu";

export interface RowProps {
  chain: Chain;
  context: RowContext;
  isSelected: boolean;
  onToggle: (id: string) => void;
  onCancel: (chain: Chain) => void;
  onDelete: (chain: Chain) => void;
}

/** A job and what follows it, in a line. */
export const TrainingRow = memo(function TrainingRow(props: RowProps) {
  const { chain, context, isSelected, onToggle, onCancel, onDelete } = props;
  const t = useTranslations("training");
  const format = useFormat();
  const { job } = chain;
  const loss = job.latest_metrics["train/loss"];
  return (
    <Tr data-row={job.id} aria-selected={isSelected} className="relative h-12">
      <Td className="pr-0 pl-3">
        <span className="relative z-10 flex">
          <Checkbox label={t("select", { name: job.name })} hideLabel checked={isSelected} onChange={() => onToggle(job.id)} />
        </span>
      </Td>
      <Td>
        <RowLink job={job} />
        <SecondLine chain={chain} context={context} />
      </Td>
      <Td>
        <JobBadge job={job} goesOn={goesOn(chain)} />
      </Td>
      <Td className="hidden text-ink-2 min-[1400px]:table-cell">
        <span className="block truncate">{context.titleOf(job.recipe)}</span>
      </Td>
      <Td className="hidden text-ink-2 xl:table-cell">
        <span className="block truncate">
          <DatasetName chain={chain} datasets={context.datasets} />
        </span>
      </Td>
      <Td>
        <span className="flex items-center gap-2">
          <LossSpark job={job} width={72} />
          <span className="whitespace-nowrap">{loss && (notFinite(loss) ?? format.metric(loss.value))}</span>
        </span>
      </Td>
      <Td>
        <ProgressCell chain={chain} queue={context.queue} />
      </Td>
      <Td numeric className="text-ink-2">
        <RunTime job={job} />
      </Td>
      <Td numeric className="hidden text-ink-2 xl:table-cell">
        <time dateTime={job.created_at} title={format.dateTime(job.created_at)}>
          {format.relative(job.created_at, context.nowMs)}
        </time>
      </Td>
      <Td className="pr-2 pl-0">
        <span className="relative z-10 flex justify-end">
          <RowMenu
            chain={chain}
            isSelected={isSelected}
            onSelect={() => onToggle(job.id)}
            onCancel={() => onCancel(chain)}
            onDelete={() => onDelete(chain)}
          />
        </span>
      </Td>
    </Tr>
  );
});

/** Under the name: why it failed, else what follows; in between, what has no column of its own. */
function SecondLine({ chain, context }: Pick<RowProps, "chain" | "context">) {
  const t = useTranslations("training");
  const failure = useFailureLine(chain);
  const { job } = chain;
  const isBare = !failure && !job.resumes_job_id && chain.stages.length === 0;
  return (
    <div className={cn("flex h-4.5 min-w-0 items-center overflow-hidden gap-2.5 text-xs text-ink-3", isBare && "xl:hidden")}>
      {job.resumes_job_id && <span className="shrink-0">{t("resumed")}</span>}
      <span className="truncate empty:hidden xl:hidden">
        <DatasetName chain={chain} datasets={context.datasets} />
      </span>
      <ChainMarks chain={chain} />
      {failure && (
        <span className="truncate text-bad" title={failure}>
          {failure}
        </span>
      )}
    </div>
  );
}
