"use client";

import { useLocale, useTranslations } from "next-intl";
import { Fragment } from "react";

import { CopyButton } from "@/components/ui/copy-button";
import { useKindBook } from "@/entities/dataset/queries";
import { useFieldName } from "@/entities/dataset/use-field-name";
import type { DatasetDetail } from "@/lib/api/generated/types.gen";
import { useFormat } from "@/lib/use-format";

const SHOWN_DIGITS = 12;

/** What the file is, in one line. */
export function Facts({ dataset }: { dataset: DatasetDetail }) {
  const t = useTranslations("dataset.facts");
  const locale = useLocale();
  const kinds = useKindBook();
  const nameOf = useFieldName();
  const layout = kinds.layout(dataset.kind, dataset.mapping);
  const format = useFormat();
  const facts = [
    kinds.title(dataset.kind, locale),
    t("rows", { count: dataset.counts.kept }),
    dataset.source_format.toUpperCase(),
    dataset.encoding?.toUpperCase(),
    format.bytes(dataset.original_size_bytes),
    format.date(dataset.created_at),
    ...[...(layout?.required ?? []), ...(layout?.optional ?? [])].flatMap((field) => {
      const column = dataset.mapping[field];
      return column === undefined ? [] : [t("mapping", { column, field: nameOf(field) })];
    }),
  ].filter((one) => one !== undefined);
  return (
    <p className="flex flex-wrap items-center gap-x-1.5">
      {facts.map((fact, place) => (
        <Fragment key={place}>
          {place > 0 && <span aria-hidden>·</span>}
          <span>{fact}</span>
        </Fragment>
      ))}
      <span aria-hidden>·</span>
      <span className="inline-flex items-center gap-0.5">
        <code className="font-mono text-xs" title={dataset.original_sha256}>
          {t("sha256", { digits: dataset.original_sha256.slice(0, SHOWN_DIGITS) })}
        </code>
        <CopyButton text={dataset.original_sha256} label={t("copySha256")} />
      </span>
    </p>
  );
}
