"use client";

import { Download } from "lucide-react";
import { useTranslations } from "next-intl";
import { useMemo } from "react";

import { buttonStyle } from "@/components/ui/button-style";
import { Card } from "@/components/ui/card";
import { CopyButton } from "@/components/ui/copy-button";
import { DataTable } from "@/components/ui/data-table";
import { EmptyState } from "@/components/ui/empty-state";
import { PersonsName } from "@/components/ui/persons-name";
import type { Column } from "@/components/ui/table-columns";
import { useApiLink } from "@/lib/api/address";
import type { ArtifactOut, JobDetail } from "@/lib/api/generated/types.gen";
import { cn } from "@/lib/cn";
import { isFinal } from "@/lib/live/reducer";
import { useFormat } from "@/lib/use-format";

const SHOWN_HASH = 12;

/** Everything that the chain has made, with its hash. */
export function FilesTab({ jobs }: { jobs: readonly JobDetail[] }) {
  const t = useTranslations("job.files");
  const files = useMemo(() => jobs.flatMap((job) => job.artifacts), [jobs]);
  const columns = useFileColumns();
  const isOpen = jobs.some((job) => !isFinal(job.state));
  if (files.length === 0) {
    return (
      <Card>
        <EmptyState title={t(isOpen ? "waiting" : "none")} description={t(isOpen ? "waitingHint" : "noneHint")} />
      </Card>
    );
  }
  return (
    <Card title={t("title")} flush>
      <DataTable name="job-files" caption={t("title")} columns={columns} rows={files} rowId={idOf} />
    </Card>
  );
}

function idOf({ id }: ArtifactOut): string {
  return id;
}

function useFileColumns(): Column<ArtifactOut>[] {
  const t = useTranslations("job.files");
  const { bytes, dateTime, number } = useFormat();
  return useMemo(() => {
    const kindOf = ({ kind }: ArtifactOut) => t(`kinds.${isKnown(kind) ? kind : "other"}`);
    return [
      {
        id: "name",
        label: t("name"),
        className: "min-w-40 font-medium",
        value: ({ name }) => name,
        cell: ({ name, step }) => (
          <>
            <PersonsName>{name}</PersonsName>
            {step !== null && <span className="ml-2 text-xs font-normal text-ink-3">{t("step", { step: number(step) })}</span>}
          </>
        ),
      },
      { id: "kind", label: t("kind"), className: "whitespace-nowrap text-ink-2", value: kindOf, cell: kindOf },
      { id: "size", label: t("size"), numeric: true, unit: "bytes", value: ({ size_bytes: size }) => size, cell: ({ size_bytes: size }) => bytes(size) },
      {
        id: "hash",
        label: t("hash"),
        value: ({ sha256 }) => sha256,
        cell: ({ name, sha256 }) => (
          <span className="inline-flex items-center gap-1 font-mono text-xs text-ink-2" title={sha256}>
            {sha256.slice(0, SHOWN_HASH)}
            <CopyButton text={sha256} label={t("copyHash", { name })} />
          </span>
        ),
      },
      {
        id: "made",
        label: t("made"),
        className: "whitespace-nowrap text-ink-3",
        value: ({ created_at: at }) => Date.parse(at),
        text: ({ created_at: at }) => at,
        cell: ({ created_at: at }) => dateTime(at),
      },
      { id: "download", label: t("download"), hideLabel: true, className: "text-right", cell: (file) => <DownloadLink file={file} /> },
    ];
  }, [t, bytes, dateTime, number]);
}

function DownloadLink({ file }: { file: ArtifactOut }) {
  const t = useTranslations("job.files");
  const linkTo = useApiLink();
  if (!file.download_url) return <span className="text-xs text-ink-3">{t("soon")}</span>;
  return (
    <a
      href={linkTo(file.download_url)}
      download
      aria-label={t("downloadOne", { name: file.name })}
      className={cn(buttonStyle({ variant: "quiet", size: "sm" }))}
    >
      <Download aria-hidden />
      <span className="max-sm:sr-only">{t("download")}</span>
    </a>
  );
}

const KINDS = ["base_model", "adapter", "merged_model", "model", "gguf", "onnx", "coreml", "report", "checkpoint"] as const;

function isKnown(kind: string): kind is (typeof KINDS)[number] {
  return KINDS.some((one) => one === kind);
}
