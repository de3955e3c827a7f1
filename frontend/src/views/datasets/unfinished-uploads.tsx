"use client";

import { useTranslations } from "next-intl";

import { Button } from "@/components/ui/button";
import { Progress } from "@/components/ui/progress";
import { hasArrived, useDiscardUnfinished, useUnfinishedUploads } from "@/entities/dataset/unfinished";
import { useUploadIds, useUploads } from "@/entities/dataset/use-uploads";
import { useFormat } from "@/lib/use-format";

import { useFileChoice } from "./file-choice";

/** Uploads of an earlier visit: the same file, chosen again, goes on where it stopped. */
export function UnfinishedUploads() {
  const t = useTranslations("datasets.unfinished");
  const format = useFormat();
  const { data } = useUnfinishedUploads();
  const active = useUploadIds();
  const over = useUploads((store) => store.over);
  const discard = useDiscardUnfinished();
  const choice = useFileChoice(useUploads((store) => store.add));
  const left = (data ?? []).filter((upload) => ![...active, ...over].includes(upload.uploadId));
  if (left.length === 0) return null;
  return (
    <section aria-label={t("title")} className="grid gap-2 rounded-md bg-caution-soft px-3 py-2.5">
      <p className="text-caution">{t("title")}</p>
      {left.map((upload) => (
        <div key={upload.uploadId} className="grid items-center gap-x-3 gap-y-1.5 sm:grid-cols-[minmax(0,1fr)_auto]">
          <Progress
            label={upload.name}
            detail={hasArrived(upload) ? t("arrived") : format.bytesOf(upload.sentBytes, upload.sizeBytes)}
            value={upload.sizeBytes === 0 ? 0 : upload.sentBytes / upload.sizeBytes}
            tone="caution"
          />
          <div className="flex justify-end gap-2">
            <Button size="sm" onClick={choice.open}>
              {t("goOn")}
            </Button>
            <Button size="sm" variant="danger" onClick={() => void discard(upload)}>
              {t("discard")}
            </Button>
          </div>
        </div>
      ))}
      {choice.input}
    </section>
  );
}
