"use client";

import dynamic from "next/dynamic";
import { useTranslations } from "next-intl";
import { useMemo } from "react";

import { Crumb } from "@/components/layout/crumb";
import { Page } from "@/components/layout/page";
import { Badge } from "@/components/ui/badge";
import { Card } from "@/components/ui/card";
import { ProblemState } from "@/components/ui/problem";
import { Skeleton } from "@/components/ui/skeleton";
import { StateMark } from "@/components/ui/state-badge";
import { LabelLine } from "@/entities/label/label-line";
import { partsOfKind } from "@/entities/dataset/kinds/registry";
import { useKindBook } from "@/entities/dataset/queries";
import { isFilter } from "@/entities/dataset/row-search";
import { useDebounced } from "@/entities/forecast/use-debounced";
import { useRecipeBook } from "@/entities/recipe/queries";
import { useJobs } from "@/entities/job/use-jobs";
import type { DatasetDetail, JobOut } from "@/lib/api/generated/types.gen";

import { DatasetActions, JobLinks } from "./dataset-actions";
import { Facts } from "./facts";
import { LedgerCard } from "@/entities/dataset/ledger-card";
import { MOST_JOBS, PAGE_ROWS } from "./reads";
import { RowsCard } from "./rows-card";
import { TemplateCard } from "./template-card";
import { useBase } from "./use-base";
import { useDatasetState } from "./use-dataset-state";
import { useLengths } from "./use-lengths";
import { useItemTexts, usePageRows, useRowSearch, useTokenScan } from "./use-rows";

const FindingsCard = dynamic(() => import("./findings-card").then((loaded) => loaded.FindingsCard), { ssr: false });
const LengthCard = dynamic(() => import("./length-card").then((loaded) => loaded.LengthCard), { loading: LengthPlace });

const OVER: readonly JobOut["state"][] = ["completed", "failed", "cancelled"];
const SHOWN_JOBS = 6;
const SEARCH_AFTER_MS = 300;

export function DatasetContent({ dataset }: { dataset: DatasetDetail }) {
  const t = useTranslations("dataset");
  const state = useDatasetState();
  const base = useBase(state.base, state.max);
  const hasTemplate = useKindBook().hasTokens(dataset.kind);
  const { Summary } = partsOfKind(dataset.kind);
  const isUsable = useRecipeBook().learnsFrom(dataset.kind);
  const isUnprepared = base.reference !== null && !base.isReady;
  const view = { id: dataset.id, base: base.isReady ? base.reference : null, max: base.max };
  const at = Math.min(state.at, dataset.counts.kept);
  const page = usePageRows(view, Math.ceil(at / PAGE_ROWS), hasTemplate);
  const byTokens = useTokenScan(view, hasTemplate ? state.range : null, base.context);
  const filter = useDebounced(state.filter, SEARCH_AFTER_MS);
  const bySearch = useRowSearch(dataset.id, isFilter(filter) ? filter : null);
  const scan = state.range ? byTokens : isFilter(state.filter) ? bySearch : null;
  const lengths = useLengths(dataset.id, base, hasTemplate);
  const { jobs } = useJobs(useMemo(() => ({ dataset_id: dataset.id }), [dataset.id]), MOST_JOBS);
  const live = jobs.filter((job) => !OVER.includes(job.state));

  const items = scan ? scan.items : page.items;
  const chosen = items.find((one) => one.at === at) ?? (scan ? items[0] : undefined) ?? null;
  const { item, tokens } = useItemTexts(view, chosen, hasTemplate && scan === bySearch);

  return (
    <Page
      title={dataset.name}
      badge={
        dataset.open_jobs > 0 ? (
          <Badge tone="ai" mark={<StateMark state="running" />}>
            {t("inUse", { count: dataset.open_jobs })}
          </Badge>
        ) : isUsable ? (
          <Badge tone="good" mark={<StateMark state="completed" />}>
            {t("usable")}
          </Badge>
        ) : (
          <Badge tone="caution">{t("noRecipe")}</Badge>
        )
      }
      description={
        <>
          <Facts dataset={dataset} />
          <LabelLine thing={{ ...dataset, kind: "dataset" }} list="/datasets" />
        </>
      }
      actions={<DatasetActions dataset={dataset} live={live} />}
    >
      <Crumb label={dataset.name} />
      {hasTemplate && base.problem !== null && <ProblemState problem={base.problem} className="mb-3" />}
      <div className="grid items-start gap-3 xl:grid-cols-[minmax(0,1fr)_23rem]">
        <div className="grid min-w-0 gap-3">
          <TemplateCard
            dataset={dataset}
            item={item}
            state={state}
            hasTemplate={hasTemplate}
            baseName={base.name}
            isUnprepared={isUnprepared}
            problem={state.range ? byTokens.error : scan ? tokens.error : page.tokens.error}
            busy={state.range ? byTokens.isFetching && !item?.texts : scan ? tokens.isFetching : page.tokens.isFetching}
            onRetry={() => void (state.range ? byTokens : scan ? tokens : page.tokens).refetch()}
          />
          <RowsCard dataset={dataset} state={state} page={page} scan={scan} chosen={item?.at ?? at} />
        </div>
        <div className="grid min-w-0 items-start gap-3 max-xl:md:grid-cols-2">
          {hasTemplate && <LengthCard base={base} isUnprepared={isUnprepared} lengths={lengths} state={state} />}
          {Summary && <Summary facts={dataset.facts} />}
          <LedgerCard dataset={dataset} ledger={hasTemplate ? lengths.ledger : undefined} isCounting={lengths.isCounting} />
          {jobs.length > 0 && (
            <Card title={t("jobs", { count: dataset.jobs })}>
              <JobLinks jobs={jobs.slice(0, SHOWN_JOBS)} />
              {dataset.jobs > SHOWN_JOBS && <p className="text-xs text-ink-3">{t("moreJobs", { count: dataset.jobs - Math.min(SHOWN_JOBS, jobs.length) })}</p>}
            </Card>
          )}
          <FindingsCard dataset={dataset} state={state} />
        </div>
      </div>
    </Page>
  );
}

/** As high as the card, which is the same with every base model. */
function LengthPlace() {
  return (
    <Card className="h-94">
      <Skeleton className="h-40" />
    </Card>
  );
}
