"use client";

import { useTranslations } from "next-intl";
import { type KeyboardEvent, useEffect, useRef } from "react";

import { Badge } from "@/components/ui/badge";
import { Td, Th, Tr } from "@/components/ui/table";
import { FieldValue } from "./kinds/field-value";
import { valuesOf } from "./kinds/plain-example";
import { type KindParts, partsOfKind } from "./kinds/registry";
import { oneLine } from "./kinds/text-cells";
import { useKindBook } from "./queries";
import { useFieldName } from "./use-field-name";
import type { DatasetDetail } from "@/lib/api/generated/types.gen";
import { cn } from "@/lib/cn";
import { useFormat } from "@/lib/use-format";

import { reasonText } from "./reasons";
import { sourcePlace } from "./sheet-line";
import { factsOf, type Item } from "./token-view";

interface RowsTableProps {
  items: readonly Item[];
  dataset: Pick<DatasetDetail, "id" | "kind" | "counts">;
  chosen: number;
  busy: boolean;
  onChoose: (at: number) => void;
  /** The arrows at the ends of the page. */
  onBeyond?: (step: -1 | 1) => void;
}

const STEPS: Record<string, number> = { ArrowDown: 1, ArrowUp: -1, PageDown: 10, PageUp: -10, Home: -Infinity, End: Infinity };

/** The rows; one is chosen, by pointer or by the arrow keys. */
export function RowsTable({ items, dataset, chosen, busy, onChoose, onBeyond }: RowsTableProps) {
  const t = useTranslations("dataset.rows");
  const kinds = useKindBook();
  const nameOf = useFieldName();
  const parts = partsOfKind(dataset.kind);
  const fields = items[0] ? valuesOf(items[0].example).map(([name]) => name) : [];
  const heads = parts.cells ? parts.cells.heads.map((head) => t(head)) : fields.map(nameOf);
  const body = useRef<HTMLTableSectionElement>(null);
  const place = items.findIndex(({ at }) => at === chosen);
  const scroller = useRef<HTMLDivElement>(null);
  const follow = useRef(false);

  useEffect(() => {
    const row = body.current?.querySelector<HTMLElement>('tr[aria-selected="true"]');
    if (!row) return; // it is on a page that is still on its way
    bringIntoView(row, scroller.current);
    if (follow.current) row.focus({ preventScroll: true });
    follow.current = false;
  }, [chosen, items]);

  const hasLines = items.some(({ example }) => sourcePlace(dataset.counts, example.row).line !== null);
  const move = (event: KeyboardEvent) => {
    const step = STEPS[event.key];
    if (step === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    follow.current = true;
    const next = place + step;
    if (Math.abs(step) === 1 && !items[next]) return onBeyond?.(step as -1 | 1);
    const item = items[Math.min(items.length - 1, Math.max(0, next))];
    if (item) onChoose(item.at);
  };

  return (
    <div ref={scroller} className={cn("relative max-h-[27rem] overflow-auto overscroll-contain transition-opacity", busy && "opacity-85")} aria-busy={busy}>
      <table role="grid" aria-label={t("caption")} className="w-full table-fixed border-collapse text-left">
        <thead className="sticky top-0 z-10 bg-panel">
          <Tr className="border-b-0">
            <Th numeric className="w-14 pl-3.5 max-sm:w-12">
              {t("number")}
            </Th>
            {hasLines && (
              <Th numeric className="w-16 max-sm:hidden" title={t("lineHint")}>
                {t("line")}
              </Th>
            )}
            <Th className="w-[38%] max-sm:w-auto">{heads[0]}</Th>
            <Th className="max-sm:hidden">{heads[1]}</Th>
            <Th numeric className="w-20 max-sm:w-16">
              {kinds.hasTokens(dataset.kind) && t("tokens")}
            </Th>
            <Th className="w-28 pr-3.5 max-sm:w-24">
              <span className="sr-only">{t("notes")}</span>
            </Th>
          </Tr>
        </thead>
        <tbody ref={body} onKeyDown={move}>
          {items.map((item, index) => (
            <Row
              key={item.at}
              item={item}
              parts={parts}
              datasetId={dataset.id}
              line={hasLines ? sourcePlace(dataset.counts, item.example.row).line : undefined}
              chosen={item.at === chosen}
              reachable={item.at === chosen || (place < 0 && index === 0)}
              onChoose={onChoose}
            />
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** Scrolls the list and never the page; the head of the table covers its first lines. */
function bringIntoView(row: HTMLElement, scroller: HTMLElement | null): void {
  if (!scroller) return;
  const head = scroller.querySelector("thead")?.offsetHeight ?? 0;
  const [at, view] = [row.getBoundingClientRect(), scroller.getBoundingClientRect()];
  const [over, under] = [view.top + head - at.top, at.bottom - view.bottom];
  if (over > 0) scroller.scrollTop -= over;
  else if (under > 0) scroller.scrollTop += under;
}

interface RowProps {
  item: Item;
  parts: KindParts;
  datasetId: string;
  /** In the spreadsheet; nothing where no row has one. */
  line?: number | null;
  chosen: boolean;
  reachable: boolean;
  onChoose: (at: number) => void;
}

function Row({ item, parts, datasetId, line, chosen, reachable, onChoose }: RowProps) {
  const format = useFormat();
  const facts = item.texts ? factsOf(item.texts) : null;
  return (
    <Tr
      aria-selected={chosen}
      tabIndex={reachable ? 0 : -1}
      onClick={() => onChoose(item.at)}
      onKeyDown={(event) => (event.key === "Enter" || event.key === " ") && (event.preventDefault(), onChoose(item.at))}
      className="cursor-default -outline-offset-2"
    >
      <Td numeric className="pl-3.5 text-ink-3">
        {format.number(item.example.row)}
      </Td>
      {line !== undefined && (
        <Td numeric className="text-ink-3 max-sm:hidden">
          {line !== null && format.number(line)}
        </Td>
      )}
      <Td className="truncate"><Cell place={0} example={item.example} parts={parts} datasetId={datasetId} /></Td>
      <Td className="truncate text-ink-2 max-sm:hidden"><Cell place={1} example={item.example} parts={parts} datasetId={datasetId} /></Td>
      <Td numeric>{facts ? format.number(facts.tokens) : ""}</Td>
      <Td className="overflow-hidden pr-3.5 whitespace-nowrap">
        <Notes item={item} parts={parts} />
      </Td>
    </Tr>
  );
}

interface CellProps {
  place: 0 | 1;
  example: Item["example"];
  parts: KindParts;
  datasetId: string;
}

/** One of the two values that tell a row from others. */
function Cell({ place, example, parts, datasetId }: CellProps) {
  if (parts.cells) return oneLine(place === 0 ? parts.cells.first(example) : parts.cells.second(example));
  const field = valuesOf(example)[place];
  return field && <FieldValue name={field[0]} value={field[1]} datasetId={datasetId} isSmall />;
}

function Notes({ item, parts }: { item: Item; parts: KindParts }) {
  const t = useTranslations("dataset.rows");
  const reasons = useTranslations("dataset.reasons");
  const facts = item.texts ? factsOf(item.texts) : null;
  if (facts?.dropped) return <Badge tone="bad">{reasonText(reasons, facts.dropped)}</Badge>;
  if (facts?.truncated) return <Badge tone="caution">{t(facts.ends ? "truncated" : "endCut")}</Badge>;
  const further = parts.furtherTurns(item.example);
  return further > 0 ? <Badge>{t("turns", { count: further + 2 })}</Badge> : null;
}
