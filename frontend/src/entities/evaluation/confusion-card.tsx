"use client";

import { useTranslations } from "next-intl";
import { type KeyboardEvent, useRef, useState } from "react";

import { Card } from "@/components/ui/card";
import { PersonsName } from "@/components/ui/persons-name";
import { Segmented } from "@/components/ui/segmented";
import type { Cell } from "./queries";
import type { Confusion } from "@/lib/api/generated/types.gen";
import { cn } from "@/lib/cn";
import { isolated } from "@/lib/isolate";
import { useFormat } from "@/lib/use-format";

import { cellAfter, sharesOf } from "./confusion";

const SHOWN = ["counts", "shares"] as const;
/** How strongly a cell is coloured at most: words stay readable on it. */
const STRONGEST = 42;

/** Over the gaps between the cells, too. */
const STAYS = "sticky bg-panel shadow-[0_0_0_2px_var(--panel)]";

interface ConfusionCardProps {
  confusion: Confusion;
  cell: Cell | null;
  onCell: (cell: Cell | null) => void;
}

/** Rows are what is, columns what it was taken for. A cell chooses its rows. */
export function ConfusionCard({ confusion, cell, onCell }: ConfusionCardProps) {
  const t = useTranslations("evaluate.confusion");
  const format = useFormat();
  const [shown, setShown] = useState<(typeof SHOWN)[number]>("counts");
  const [entry, setEntry] = useState<readonly [number, number]>([0, 0]);
  const table = useRef<HTMLTableElement>(null);
  const shares = sharesOf(confusion);
  const { labels, counts } = confusion;

  const walk = (event: KeyboardEvent<HTMLElement>, row: number, column: number) => {
    const next = cellAfter(event.key, row, column, labels.length);
    if (!next) return;
    event.preventDefault();
    setEntry(next);
    table.current?.querySelector<HTMLElement>(`[data-cell="${next[0]}-${next[1]}"]`)?.focus();
  };

  return (
    <Card
      flush
      title={t("title")}
      aside={<Segmented label={t("shown")} value={shown} onChange={setShown} options={SHOWN.map((value) => ({ value, label: t(value) }))} />}
    >
      <p className="px-3.5 pb-2 text-xs text-pretty text-ink-3">{t("hint")}</p>
      {/* The labels stay in sight, whichever way one scrolls. */}
      <div className="relative mx-3.5 mb-3.5 max-h-[36rem] overflow-auto" role="region" aria-label={t("title")} tabIndex={0}>
        <table ref={table} className="border-separate border-spacing-0.5">
          <caption className="sr-only">{t("caption")}</caption>
          <thead>
            <tr>
              <th scope="col" className={cn("top-0 left-0 z-2 pr-2 text-left text-xs font-normal text-ink-3", STAYS)}>{t("corner")}</th>
              {labels.map((label) => (
                <th key={label} scope="col" className={cn("top-0 z-1 max-w-18 px-1 pb-1 text-xs font-normal text-ink-2 wrap-anywhere", STAYS)}>
                  <PersonsName>{label}</PersonsName>
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {counts.map((row, at) => (
              <tr key={labels[at]}>
                <th scope="row" className={cn("left-0 z-1 max-w-24 truncate pr-2 text-left text-xs font-normal text-ink-2 sm:max-w-40", STAYS)}>
                  <PersonsName>{labels[at] ?? ""}</PersonsName>
                </th>
                {row.map((count, to) => {
                  const one = { expected: labels[at] ?? "", predicted: labels[to] ?? "" };
                  const isChosen = cell?.expected === one.expected && cell.predicted === one.predicted;
                  const share = shares[at]?.[to] ?? 0;
                  return (
                    <td key={labels[to]} className="p-0">
                      <button
                        type="button"
                        data-cell={`${at}-${to}`}
                        tabIndex={entry[0] === at && entry[1] === to ? 0 : -1}
                        aria-pressed={isChosen}
                        aria-label={t("cell", {
                          expected: isolated(one.expected),
                          predicted: isolated(one.predicted),
                          count,
                          share: format.percent(share),
                        })}
                        onFocus={() => setEntry([at, to])}
                        onKeyDown={(event) => walk(event, at, to)}
                        onClick={() => onCell(isChosen ? null : one)}
                        style={{ background: `color-mix(in oklab, var(${at === to ? "--good-mark" : "--bad-mark"}) ${Math.round(share * STRONGEST)}%, var(--panel))` }}
                        className={cn("h-9 w-full min-w-11 rounded-sm border border-line px-1.5 text-center text-ink tabular-nums hover:border-control", isChosen && "border-ai outline-2 outline-ai")}
                      >
                        {shown === "counts" ? format.number(count) : format.percent(share)}
                      </button>
                    </td>
                  );
                })}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </Card>
  );
}
