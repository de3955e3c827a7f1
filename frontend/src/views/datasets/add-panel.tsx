"use client";

import { ClipboardPaste, FileUp, X } from "lucide-react";
import dynamic from "next/dynamic";
import { useTranslations } from "next-intl";
import { useEffect, useState } from "react";

import { Button } from "@/components/ui/button";
import { Card } from "@/components/ui/card";
import { IconButton } from "@/components/ui/icon-button";
import { Skeleton } from "@/components/ui/skeleton";
import { hasPasteDraft } from "@/entities/dataset/paste-draft";
import { SaveAll } from "@/entities/dataset/save-all";
import { useUploads } from "@/entities/dataset/use-uploads";
import { useIsHydrating } from "@/lib/hydration";

import { useFileChoice } from "./file-choice";
import { PasteRows } from "./paste-rows";
import { UnfinishedUploads } from "./unfinished-uploads";

const loadItem = () => import("@/entities/dataset/upload-item").then((module) => module.UploadItem);
/** It comes while a person chooses a file, not with the list of what there is. */
const UploadItem = dynamic(loadItem, { ssr: false, loading: () => <Skeleton className="h-24 rounded-md" /> });

/** Where files and rows come in; each is shown as what it would become before it is saved. */
export function AddPanel({ onClose }: { onClose: () => void }) {
  const t = useTranslations("datasets.add");
  const uploads = useUploads((store) => store.uploads);
  const add = useUploads((store) => store.add);
  const isHydrating = useIsHydrating();
  const [chosen, setPasting] = useState<boolean | null>(null);
  const pasting = chosen ?? (!isHydrating && uploads.length === 0 && hasPasteDraft());
  const choice = useFileChoice(add);
  useEffect(() => void loadItem(), []);
  const close = uploads.length === 0 && (
    <IconButton label={t("close")} size="sm" onClick={onClose}>
      <X aria-hidden />
    </IconButton>
  );

  return (
    <Card title={t("title")} aside={close || <SaveAll />}>
      <div className="grid gap-3">
        <UnfinishedUploads />
        {uploads.map((upload) => (
          <UploadItem key={keyOf(upload.file)} upload={upload} />
        ))}
        {pasting ? (
          <PasteRows onRows={(file) => add([file])} onClose={() => setPasting(false)} />
        ) : (
          <div className="flex flex-wrap items-center justify-center gap-x-4 gap-y-2 rounded-md border border-dashed border-control px-4 py-5 text-center">
            <p className="text-ink-2">{t("drop")}</p>
            <div className="flex flex-wrap gap-2">
              <Button variant={uploads.length === 0 ? "primary" : "secondary"} onClick={choice.open}>
                <FileUp aria-hidden />
                {t("choose")}
              </Button>
              <Button onClick={() => setPasting(true)}>
                <ClipboardPaste aria-hidden />
                {t("paste")}
              </Button>
            </div>
            <p className="basis-full text-xs text-ink-3">{t("formats")}</p>
          </div>
        )}
        {choice.input}
      </div>
    </Card>
  );
}

function keyOf(file: File): string {
  return `${file.name}|${file.size}|${file.lastModified}`;
}
