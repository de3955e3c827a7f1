"use client";

import dynamic from "next/dynamic";
import { useTranslations } from "next-intl";
import { type ReactNode, useEffect, useMemo, useRef } from "react";

import { DataTable, MOST_DRAWN } from "@/components/ui/data-table";
import { SortSelect } from "@/components/ui/sort-select";
import type { Order } from "@/components/ui/table-columns";
import type { RowWalk } from "@/components/ui/row-walk";
import type { RowsHandle } from "@/components/ui/virtual-rows";
import type { Chain } from "@/entities/job/chain";

import type { RowContext } from "./row-facts";
import { TrainingCard } from "./training-card";
import { type RowActions, useTrainingColumns } from "./training-columns";
import type { ListedChain } from "./use-chains";
import { useMoreColumns } from "./use-more-columns";

const VirtualRows = dynamic(() => import("@/components/ui/virtual-rows").then((module) => module.VirtualRows), { ssr: false });

const ROW_PX = 49;
const CARD_PX = 140;

export interface ListProps extends RowActions {
  chains: readonly ListedChain[];
  /** There are more than these. */
  isPartial: boolean;
  context: RowContext;
  selected: ReadonlySet<string>;
  onSelectAll: (isAll: boolean) => void;
  onSelectRange: (ids: readonly string[]) => void;
  walk: RowWalk;
  order: Order;
  /** Of jobs that the filters show. */
  kind: string;
}

/** The list as the window has room for it; both forms where that is not known yet, and CSS shows one. */
export function TrainingList({ isNarrow, ...props }: ListProps & { isNarrow: boolean | null }) {
  return (
    <>
      {isNarrow !== true && (
        <div className="max-md:hidden">
          <TrainingTable {...props} />
        </div>
      )}
      {isNarrow !== false && (
        <div className="md:hidden">
          <TrainingCards {...props} isHidden={isNarrow === null} />
        </div>
      )}
    </>
  );
}

/** The list where there is room for columns. */
function TrainingTable({ chains, isPartial, context, selected, onSelectAll, onSelectRange, walk, order, kind, ...actions }: ListProps) {
  const t = useTranslations("training");
  const { onToggle } = actions;
  const { more, load } = useMoreColumns(kind);
  const columns = useTrainingColumns(context, actions, more);
  const selection = useMemo(
    () => ({ ids: selected, labelOf: ({ job }: Chain) => t("select", { name: job.name }), onToggle, onRange: onSelectRange, onAll: onSelectAll }),
    [t, selected, onToggle, onSelectRange, onSelectAll],
  );
  return (
    <DataTable
      name="training"
      caption={t("caption")}
      columns={columns}
      rows={chains}
      rowId={idOf}
      selection={selection}
      walk={walk}
      isPartial={isPartial}
      order={order}
      onReach={load}
      rowHeightPx={ROW_PX}
      rowClassName={placed}
      className="table-fixed"
    />
  );
}

function idOf({ job }: Chain): string {
  return job.id;
}

/** The link of a row covers it. */
function placed(): string {
  return "relative h-12";
}

/** The list on a phone. */
function TrainingCards({ chains, context, selected, walk, isHidden, order, kind, ...actions }: ListProps & { isHidden: boolean }) {
  const t = useTranslations("training");
  const { more, load } = useMoreColumns(kind);
  const columns = useTrainingColumns(context, actions, more);
  const isUnknown = order.sort !== null && !columns.some(({ id }) => id === order.sort?.id);
  useEffect(() => {
    if (isUnknown) load();
  }, [isUnknown, load]);
  const handle = useRef<RowsHandle>(null);
  useEffect(() => {
    if (!isHidden) walk.set({ ids: chains.map(idOf), reveal: (index) => handle.current?.reveal(index) });
  }, [chains, walk, isHidden]);
  const draw = (chain: Chain) => (
    <TrainingCard
      key={chain.job.id}
      chain={chain}
      context={context}
      isSelected={selected.has(chain.job.id)}
      onToggle={actions.onToggle}
      onCancel={actions.onCancel}
      onDelete={actions.onDelete}
    />
  );
  return (
    <>
      <div className="flex justify-end border-b px-3.5 py-2">
        <div className="w-56 max-w-full">
          <SortSelect columns={columns} order={order} plain={t("newest")} />
        </div>
      </div>
      {/* The keys move between the links within; the list itself takes none. */}
      <ul aria-label={t("caption")} onKeyDown={walk.onKeyDown}>
        {chains.length > MOST_DRAWN ? (
          <VirtualRows kind="list" handle={handle} rows={chains} rowId={idOf as (row: unknown) => string} heightPx={CARD_PX} draw={draw as (row: unknown) => ReactNode} />
        ) : (
          chains.map(draw)
        )}
      </ul>
    </>
  );
}
