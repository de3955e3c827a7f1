"use client";

import { Download } from "lucide-react";
import { useTranslations } from "next-intl";

import { buttonStyle } from "@/components/ui/button-style";
import { Card } from "@/components/ui/card";
import { CopyButton } from "@/components/ui/copy-button";
import { EmptyState } from "@/components/ui/empty-state";
import { PersonsName } from "@/components/ui/persons-name";
import { Table, Td, Th, Tr } from "@/components/ui/table";
import { useApiLink } from "@/lib/api/address";
import type { ArtifactOut, JobDetail } from "@/lib/api/generated/types.gen";
import { cn } from "@/lib/cn";
import { isFinal } from "@/lib/live/reducer";
import { useFormat } from "@/lib/use-format";

const SHOWN_HASH = 12;

/** Everything that the chain has made, with its hash. */
export function FilesTab({ jobs }: { jobs: readonly JobDetail[] }) {
  const t = useTranslations("job.files");
  const files = jobs.flatMap((job) => job.artifacts);
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
      <Table caption={t("title")}>
        <thead>
          <tr>
            <Th className="pl-3.5">{t("name")}</Th>
            <Th>{t("kind")}</Th>
            <Th numeric>{t("size")}</Th>
            <Th>{t("hash")}</Th>
            <Th>{t("made")}</Th>
            <Th className="pr-3.5">
              <span className="sr-only">{t("download")}</span>
            </Th>
          </tr>
        </thead>
        <tbody>
          {files.map((file) => (
            <FileRow key={file.id} file={file} />
          ))}
        </tbody>
      </Table>
    </Card>
  );
}

function FileRow({ file }: { file: ArtifactOut }) {
  const t = useTranslations("job.files");
  const { bytes, dateTime, number } = useFormat();
  const linkTo = useApiLink();
  return (
    <Tr>
      <Td className="min-w-40 pl-3.5 font-medium">
        <PersonsName>{file.name}</PersonsName>
        {file.step !== null && <span className="ml-2 text-xs font-normal text-ink-3">{t("step", { step: number(file.step) })}</span>}
      </Td>
      <Td className="whitespace-nowrap text-ink-2">{t(`kinds.${isKnown(file.kind) ? file.kind : "other"}`)}</Td>
      <Td numeric>{bytes(file.size_bytes)}</Td>
      <Td>
        <span className="inline-flex items-center gap-1 font-mono text-xs text-ink-2" title={file.sha256}>
          {file.sha256.slice(0, SHOWN_HASH)}
          <CopyButton text={file.sha256} label={t("copyHash", { name: file.name })} />
        </span>
      </Td>
      <Td className="whitespace-nowrap text-ink-3">{dateTime(file.created_at)}</Td>
      <Td className="pr-3.5 text-right">
        {file.download_url ? (
          <a
            href={linkTo(file.download_url)}
            download
            aria-label={t("downloadOne", { name: file.name })}
            className={cn(buttonStyle({ variant: "quiet", size: "sm" }))}
          >
            <Download aria-hidden />
            <span className="max-sm:sr-only">{t("download")}</span>
          </a>
        ) : (
          <span className="text-xs text-ink-3">{t("soon")}</span>
        )}
      </Td>
    </Tr>
  );
}

const KINDS = ["base_model", "adapter", "merged_model", "gguf", "report", "checkpoint"] as const;

function isKnown(kind: string): kind is (typeof KINDS)[number] {
  return KINDS.some((one) => one === kind);
}
