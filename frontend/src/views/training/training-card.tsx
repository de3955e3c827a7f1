"use client";

import { useTranslations } from "next-intl";
import { memo } from "react";

import { Checkbox } from "@/components/ui/checkbox";
import { PersonsName } from "@/components/ui/persons-name";
import { RowLink } from "@/components/ui/row-link";
import { useRecipeBook } from "@/entities/recipe/queries";
import { cn } from "@/lib/cn";
import { type Chain, goesOn } from "@/entities/job/chain";
import { ChainMarks } from "@/entities/job/chain-marks";
import { notFinite } from "@/entities/job/figures";
import { JobBadge } from "@/entities/job/job-badge";
import { TagChips } from "@/entities/label/tag-chips";
import { MainCurve } from "@/entities/job/main-curve";
import { jobPage } from "@/lib/routes";
import { useFormat } from "@/lib/use-format";

import { DatasetName, ProgressCell, type RowContext, RunTime, useFailureLine } from "./row-facts";
import { RowMenu } from "./row-menu";
import type { RowActions } from "./training-columns";

interface CardProps extends RowActions {
  chain: Chain;
  context: RowContext;
  isSelected: boolean;
}

/** A row on a phone. */
export const TrainingCard = memo(function TrainingCard(props: CardProps) {
  const { chain, context, isSelected, onToggle, onCancel, onDelete } = props;
  const t = useTranslations("training");
  const format = useFormat();
  const failure = useFailureLine(chain);
  const { job } = chain;
  const book = useRecipeBook();
  const main = book.mainMetric(job.recipe);
  const loss = main && job.latest_metrics[main.name];
  return (
    <li data-row={job.id} className={cn("relative grid grid-cols-1 gap-1.5 border-b p-3 last:border-b-0", isSelected && "bg-ai-soft")}>
      <div className="flex items-center gap-2.5">
        <span className="relative z-10 -m-1 flex p-1">
          <Checkbox label={t("select", { name: job.name })} hideLabel checked={isSelected} onChange={() => onToggle(job.id)} />
        </span>
        <div className="min-w-0 grow text-base">
          <RowLink href={jobPage(job.id)}>
            <PersonsName>{job.name}</PersonsName>
          </RowLink>
        </div>
        <JobBadge job={job} goesOn={goesOn(chain, book)} />
        <span className="relative z-10 -mr-1.5">
          <RowMenu
            chain={chain}
            isSelected={isSelected}
            onSelect={() => onToggle(job.id)}
            onCancel={() => onCancel(chain)}
            onDelete={() => onDelete(chain)}
          />
        </span>
      </div>
      {failure && <p className="line-clamp-2 text-xs text-bad">{failure}</p>}
      <div className="flex min-w-0 flex-wrap items-center gap-x-2.5 text-xs text-ink-3">
        <span>{context.titleOf(job.recipe)}</span>
        <span className="min-w-0 truncate empty:hidden">
          <DatasetName chain={chain} datasets={context.datasets} />
        </span>
        <ChainMarks chain={chain} />
        <TagChips tags={job.tags} list="/training" most={3} />
      </div>
      <div className="flex min-h-6 items-center gap-3">
        <div className="min-w-0 grow">
          <ProgressCell chain={chain} queue={context.queue} />
        </div>
        <MainCurve job={job} width={64} />
        <span className="min-w-10 text-right whitespace-nowrap">{loss && (notFinite(loss) ?? format.metric(loss.value))}</span>
      </div>
      <div className="flex justify-between text-xs text-ink-3">
        <time dateTime={job.created_at}>{format.relative(job.created_at, context.nowMs)}</time>
        <span>
          <RunTime job={job} />
        </span>
      </div>
    </li>
  );
});
