"use client";

import { useTranslations } from "next-intl";

import { useState } from "react";

import { Badge } from "@/components/ui/badge";
import { ProblemState } from "@/components/ui/problem";
import { Loading, Skeleton } from "@/components/ui/skeleton";
import { Table, Td, Th, Tr } from "@/components/ui/table";
import type { FileSample } from "./columns";
import { candidatesOf, ENCODING_UNKNOWN } from "./encodings";
import { COLUMN_MISSING, isMendedByMapping } from "./mendable";
import { useFileSample } from "./previews";
import type { Reading } from "./queries";
import type { TusUpload, UploadState } from "./tus";
import type { DatasetPreview } from "@/lib/api/generated/types.gen";
import { cn } from "@/lib/cn";
import { asProblem } from "@/lib/problem";
import { useFormat } from "@/lib/use-format";

import { EncodingCandidates, EncodingField } from "./encoding-field";
import { HeaderNote } from "./header-note";
import { partsOfKind } from "./kinds/registry";
import { MappingFields } from "./mapping-fields";
import { RefusalList } from "./refusal-list";
import type { ItemPreviewState } from "./use-item-preview";

const SAMPLE_ROWS = 1000;
const SHOWN_EXAMPLES = 3;

interface ItemPreviewProps {
  upload: TusUpload;
  state: UploadState;
  preview: ItemPreviewState;
  reading: Reading;
  disabled: boolean;
  onReading: (reading: Reading) => void;
}

/** What a file would become, and how it is read; nothing is saved yet. */
export function ItemPreview({ upload, state, preview, reading, disabled, onReading }: ItemPreviewProps) {
  const t = useTranslations("datasets.encoding");
  const { data } = preview;
  const [lastError, setLastError] = useState<unknown>(null);
  if (preview.error && preview.error !== lastError) setLastError(preview.error);
  // What is asked stays where it is while the next answer to it is on its way.
  const error = preview.error ?? (preview.isFetching && !data ? lastError : null);
  const mendable = isMendedByMapping(error);
  const sample = useFileSample(upload.file, mendable, reading.encoding ?? null).data;
  const isAsked = mendable && asProblem(error).code === COLUMN_MISSING && sample !== undefined && sample.columns.length > 0;
  if (error) {
    const candidates = candidatesOf(asProblem(error));
    return (
      <div className="grid gap-3">
        {candidates.length > 0 ? (
          <>
            <ProblemState problem={error} title={t("unclear")} detail={t("chooseBelow")} />
            <EncodingCandidates candidates={candidates} reading={reading} disabled={disabled} onReading={onReading} />
          </>
        ) : isAsked ? (
          <ColumnQuestion />
        ) : (
          <ProblemState problem={error} />
        )}
        {(asProblem(error).code === ENCODING_UNKNOWN || reading.encoding != null) && <EncodingField reading={reading} disabled={disabled} onReading={onReading} />}
        {mendable && sample && <HeaderNote upload={upload} columns={sample.columns} disabled={disabled} />}
        {mendable && sample && sample.columns.length > 0 && (
          <>
            <MappingFields found={null} columns={sample.columns} reading={reading} disabled={disabled} onReading={onReading} />
            <RawRows sample={sample} />
          </>
        )}
      </div>
    );
  }
  if (!data) return state.phase === "received" || preview.isFetching ? <ReadingNote /> : null;
  return (
    <div
      aria-busy={preview.isFetching}
      className={cn("grid gap-3 transition-opacity", preview.isFetching && !preview.isBeginning && "opacity-85")}
    >
      <Facts data={data} isBeginning={preview.isBeginning} />
      <HeaderNote upload={upload} columns={data.found.columns} disabled={disabled} />
      <MappingFields found={data.found} columns={data.found.columns} reading={reading} disabled={disabled} onReading={onReading} />
      {data.found.encoding !== null && (!data.found.encoding.startsWith("utf-8") || reading.encoding != null) && (
        <EncodingField reading={reading} disabled={disabled} onReading={onReading} />
      )}
      <RefusalList counts={data.counts} />
      <FirstRows data={data} />
    </div>
  );
}

function ReadingNote() {
  const t = useTranslations("datasets.preview");
  return (
    <Loading className="grid gap-2">
      <p className="text-xs text-ink-3">{t("reading")}</p>
      <Skeleton className="w-2/3" />
      <Skeleton className="w-1/2" />
    </Loading>
  );
}

function Facts({ data, isBeginning }: { data: DatasetPreview; isBeginning: boolean }) {
  const t = useTranslations("datasets.preview");
  const format = useFormat();
  const { found, counts } = data;
  const partial = isBeginning || counts.read >= SAMPLE_ROWS;
  return (
    <div className="flex flex-wrap items-center gap-x-2 gap-y-1.5" aria-live="polite">
      <Badge>{found.format.toUpperCase()}</Badge>
      {found.encoding && <Badge>{found.encoding.toUpperCase()}</Badge>}
      {!isBeginning && <Badge>{format.bytes(found.size_bytes)}</Badge>}
      <Badge tone="good">{t("kept", { count: counts.kept })}</Badge>
      {counts.refused > 0 && <Badge tone="caution">{t("refused", { count: counts.refused })}</Badge>}
      <span className="text-xs text-ink-3">{partial ? t("ofFirst", { count: counts.read }) : t("ofAll", { count: counts.read })}</span>
    </div>
  );
}

/** What is asked where the names of the columns do not tell: the fields to answer in stand below, beside the rows. */
function ColumnQuestion() {
  const t = useTranslations("datasets.preview");
  return (
    <div role="status">
      <h3 className="font-medium">{t("askTitle")}</h3>
      <p className="text-xs text-ink-2">{t("askText")}</p>
    </div>
  );
}

/** The first rows as the file has them. */
function RawRows({ sample }: { sample: FileSample }) {
  const t = useTranslations("datasets.preview");
  return (
    <div className="overflow-hidden rounded-md border">
      <Table caption={t("rawRows")} className="text-xs">
        <thead>
          <tr>
            {sample.columns.map((name) => (
              <Th key={name} className="px-3"><bdi>{name}</bdi></Th>
            ))}
          </tr>
        </thead>
        <tbody>
          {sample.rows.map((row, place) => (
            <Tr key={place}>
              {row.map((cell, column) => (
                <Td key={column} className="max-w-72 min-w-24 px-3 align-top">
                  <span className="line-clamp-3 whitespace-pre-line">{cell}</span>
                </Td>
              ))}
            </Tr>
          ))}
        </tbody>
      </Table>
    </div>
  );
}

function FirstRows({ data }: { data: DatasetPreview }) {
  const t = useTranslations("datasets.preview");
  const { Example } = partsOfKind(data.found.kind);
  return (
    <div>
      <h3 className="mb-1 text-xs font-medium text-ink-2">{t("firstRows")}</h3>
      <ol className="divide-y rounded-md border">
        {data.examples.slice(0, SHOWN_EXAMPLES).map((example) => (
          <li key={example.row} className="px-3 py-2">
            <Example example={example} clamp />
          </li>
        ))}
      </ol>
    </div>
  );
}
