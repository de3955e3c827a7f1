"use client";

import dynamic from "next/dynamic";
import { useTranslations } from "next-intl";
import type { KeyboardEvent, Ref } from "react";

import { Checkbox } from "@/components/ui/checkbox";
import { Table, Th } from "@/components/ui/table";
import type { Chain } from "@/entities/job/chain";

import type { RowContext } from "./row-facts";
import { TrainingCard } from "./training-card";
import { type RowProps, TrainingRow } from "./training-row";
import type { RowsHandle } from "./virtual-rows";

const VirtualRows = dynamic(() => import("./virtual-rows").then((module) => module.VirtualRows), { ssr: false });

/** Beyond this only the rows in sight are drawn. */
export const MOST_DRAWN = 100;

export interface ListProps extends Pick<RowProps, "onToggle" | "onCancel" | "onDelete"> {
  chains: readonly Chain[];
  context: RowContext;
  selected: ReadonlySet<string>;
  onSelectAll: (isAll: boolean) => void;
  onKeyDown: (event: KeyboardEvent) => void;
  handle: Ref<RowsHandle>;
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
          <TrainingCards {...props} />
        </div>
      )}
    </>
  );
}

/** The list where there is room for columns. */
function TrainingTable(props: ListProps) {
  const t = useTranslations("training");
  const { chains, selected, onSelectAll, onKeyDown } = props;
  const chosen = chains.filter(({ job }) => selected.has(job.id)).length;
  return (
    <Table caption={t("caption")} className="table-fixed" onKeyDown={onKeyDown}>
      <thead>
        <tr>
          <Th className="w-9 pr-0 pl-3">
            <Checkbox
              label={t("selectAll")}
              hideLabel
              className="align-middle"
              checked={chosen > 0 && chosen === chains.length}
              indeterminate={chosen > 0 && chosen < chains.length}
              onChange={onSelectAll}
            />
          </Th>
          <Th>{t("columns.name")}</Th>
          <Th className="w-28">{t("columns.state")}</Th>
          <Th className="hidden w-28 min-[1400px]:table-cell">{t("columns.recipe")}</Th>
          <Th className="hidden w-36 xl:table-cell">{t("columns.dataset")}</Th>
          <Th className="w-36">{t("columns.loss")}</Th>
          <Th className="w-40">{t("columns.progress")}</Th>
          <Th numeric className="w-22">
            {t("columns.duration")}
          </Th>
          <Th numeric className="hidden w-26 xl:table-cell">
            {t("columns.created")}
          </Th>
          <Th className="w-10 pr-2 pl-0">
            <span className="sr-only">{t("columns.menu")}</span>
          </Th>
        </tr>
      </thead>
      <Rows {...props} />
    </Table>
  );
}

function Rows(props: ListProps) {
  const { chains, handle } = props;
  const draw = (chain: Chain) => <TrainingRow key={chain.job.id} {...rowProps(props, chain)} />;
  if (chains.length > MOST_DRAWN) return <VirtualRows kind="table" handle={handle} chains={chains} draw={draw} />;
  return <tbody>{chains.map(draw)}</tbody>;
}

/** The list on a phone. */
function TrainingCards(props: ListProps) {
  const t = useTranslations("training");
  const { chains, handle, onKeyDown } = props;
  const draw = (chain: Chain) => <TrainingCard key={chain.job.id} {...rowProps(props, chain)} />;
  return (
    // The keys move between the links within; the list itself takes none.
    <ul aria-label={t("caption")} onKeyDown={onKeyDown}>
      {chains.length > MOST_DRAWN ? (
        <VirtualRows kind="list" handle={handle} chains={chains} draw={draw} />
      ) : (
        chains.map(draw)
      )}
    </ul>
  );
}

function rowProps({ context, selected, onToggle, onCancel, onDelete }: ListProps, chain: Chain): RowProps {
  return { chain, context, isSelected: selected.has(chain.job.id), onToggle, onCancel, onDelete };
}
