"use client";

import { useTranslations } from "next-intl";

import { Button } from "@/components/ui/button";
import { EmptyState } from "@/components/ui/empty-state";
import { ProblemState } from "@/components/ui/problem";
import { Progress } from "@/components/ui/progress";
import { RowsTable } from "@/entities/dataset/rows-table";
import type { DatasetDetail } from "@/lib/api/generated/types.gen";
import { useFormat } from "@/lib/use-format";

import type { RowScan } from "./use-scan";

interface ScannedProps {
  dataset: DatasetDetail;
  scan: RowScan;
  chosen: number;
  onChoose: (at: number) => void;
}

/** Rows that were looked for, as far as they were found. */
export function Scanned({ dataset, scan, chosen, onChoose }: ScannedProps) {
  const t = useTranslations("dataset.rows");
  const format = useFormat();
  const total = dataset.counts.kept;
  const done = !scan.hasNextPage && !scan.isFetching && !scan.isError;
  return (
    <>
      {scan.items.length > 0 && (
        <RowsTable items={scan.items} dataset={dataset} chosen={chosen} busy={false} onChoose={onChoose} />
      )}
      {scan.isError && <ProblemState problem={scan.error} onRetry={() => void scan.refetch()} className="m-3.5" />}
      {done && scan.items.length === 0 && <EmptyState title={t("noneFound")} className="py-8" />}
      {!done && !scan.isError && (
        <div className="flex items-center gap-3 border-t px-3.5 py-2.5" aria-live="polite">
          <Progress
            label={t("checking")}
            detail={t("checked", { checked: format.number(scan.checked), total: format.number(total), found: scan.items.length })}
            value={scan.checked / total}
            className="grow"
          />
          {!scan.isFetching && (
            <Button size="sm" onClick={scan.goOn}>
              {t("goOn")}
            </Button>
          )}
        </div>
      )}
    </>
  );
}
