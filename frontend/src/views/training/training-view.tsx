"use client";

import { Plus } from "lucide-react";
import dynamic from "next/dynamic";
import { useTranslations } from "next-intl";
import { useCallback, useMemo, useRef, useState } from "react";

import { Page } from "@/components/layout/page";
import { Card } from "@/components/ui/card";
import { later } from "@/components/ui/later";
import { lazyLayer, useWasOpened } from "@/components/ui/lazy-layer";
import { LinkButton } from "@/components/ui/link-button";
import { ProblemState } from "@/components/ui/problem";
import { makeRowWalk } from "@/components/ui/row-walk";
import { useOrder } from "@/components/ui/use-order";
import type { Chain } from "@/entities/job/chain";
import { useDebounced } from "@/entities/forecast/use-debounced";
import { useCharacterKeys } from "@/lib/character-keys";
import { cn } from "@/lib/cn";

import { FilterBar } from "./filter-bar";
import { isFiltered } from "./filters";
import { JobTotals } from "./job-totals";
import { MoreRows } from "./more-rows";
import { QueueLine } from "./queue-line";
import { TrainingSkeleton } from "./training-skeleton";
import { TrainingList } from "./training-table";
import { useChains } from "./use-chains";
import { useChoice, useSelection } from "./use-choice";
import { useNarrow } from "./use-narrow";
import { useRowContext } from "./use-row-context";
import { useRowKeys } from "./use-row-keys";
import { useStateNews } from "./use-state-news";

const SEARCH_AFTER_MS = 250;

const TrainingEmpty = later(() => import("./training-empty").then((module) => module.TrainingEmpty));
const SelectionBar = dynamic(() => import("./selection-bar").then((module) => module.SelectionBar), { ssr: false });
const CancelChainsDialog = lazyLayer(() => import("@/entities/job/chain-dialogs").then((module) => module.CancelChainsDialog));
const DeleteChainsDialog = lazyLayer(() => import("@/entities/job/chain-dialogs").then((module) => module.DeleteChainsDialog));

type Question = { kind: "cancel" | "delete"; chains: readonly Chain[] } | null;

/** All trainings: what runs, what waits, what came of the others. */
export function TrainingView() {
  const t = useTranslations("training");
  const hasCharacterKeys = useCharacterKeys();
  const { choice, change, clear } = useChoice();
  const asked = useDebounced(choice, choice.q ? SEARCH_AFTER_MS : 0);
  const order = useOrder();
  const list = useChains(asked, order.asked);
  const { chains } = list;
  // Rows of what was asked before stay until the next are there; they say so, and an empty list is not yet an answer.
  const isBehind = list.isPlaceholderData || JSON.stringify(asked) !== JSON.stringify(choice);
  const isWaiting = list.isPending || (isBehind && !isFiltered(choice));
  const { selected, toggle, add, choose } = useSelection();
  const [question, setQuestion] = useState<Question>(null);
  const search = useRef<HTMLInputElement>(null);
  const [walk] = useState(makeRowWalk);
  const isNarrow = useNarrow();
  const context = useRowContext(chains);
  const news = useStateNews(chains);
  useRowKeys(walk, { toggle, onClear: () => choose([]), onSearch: () => search.current?.focus() });
  const chooseAll = useCallback((isAll: boolean) => choose(isAll ? chains.map(({ job }) => job.id) : []), [choose, chains]);
  const ask = useMemo(
    () => ({
      cancel: (chain: Chain) => setQuestion({ kind: "cancel", chains: [chain] }),
      delete: (chain: Chain) => setQuestion({ kind: "delete", chains: [chain] }),
    }),
    [],
  );
  const chosen = chains.filter(({ job }) => selected.has(job.id));
  const close = () => setQuestion(null);
  const wasAsked = useWasOpened(question !== null);
  return (
    <Page
      wide
      title={t("title")}
      description={<QueueLine />}
      actions={
        <LinkButton variant="primary" href="/training/new" aria-keyshortcuts={hasCharacterKeys ? "n" : undefined}>
          <Plus aria-hidden />
          {t("new")}
        </LinkButton>
      }
    >
      <FilterBar choice={choice} onChange={change} onClear={clear} search={search} />
      {chains.length > 0 && <JobTotals filters={list.filters} />}
      {list.problem && (
        <ProblemState className="mb-3" problem={list.problem} onRetry={() => void list.retry()} retrying={list.isFetching} />
      )}
      {(chains.length > 0 || !list.problem) && (
        <Card flush>
          {chains.length > 0 && (
            <div aria-busy={isBehind} className={cn("transition-opacity", isBehind && "opacity-60")}>
              <TrainingList
                isNarrow={isNarrow}
                chains={chains}
                context={context}
                selected={selected}
                onToggle={toggle}
                onSelectAll={chooseAll}
                onSelectRange={add}
                onCancel={ask.cancel}
                onDelete={ask.delete}
                isPartial={list.hasNextPage}
                walk={walk}
                order={order}
                kind={choice.kind}
              />
            </div>
          )}
          {chains.length === 0 && isWaiting && <TrainingSkeleton />}
          {chains.length === 0 && !isWaiting && <TrainingEmpty choice={choice} onChange={change} onClear={clear} />}
          {list.hasNextPage && <MoreRows isFetching={list.isFetchingNextPage} onMore={() => void list.fetchNextPage()} />}
        </Card>
      )}
      {chosen.length > 0 && (
        <SelectionBar
          chains={chosen}
          onClear={() => choose([])}
          onCancel={(some) => setQuestion({ kind: "cancel", chains: some })}
          onDelete={(some) => setQuestion({ kind: "delete", chains: some })}
        />
      )}
      {wasAsked && (
        <>
          <CancelChainsDialog chains={question?.kind === "cancel" ? question.chains : null} onClose={close} />
          <DeleteChainsDialog
            chains={question?.kind === "delete" ? question.chains : null}
            onClose={close}
            onDone={(gone) => choose([...selected].filter((id) => !gone.includes(id)))}
          />
        </>
      )}
      <span role="status" className="sr-only">
        {news}
      </span>
    </Page>
  );
}
