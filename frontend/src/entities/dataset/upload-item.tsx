"use client";

import { Pause, Play, RotateCcw, X } from "lucide-react";
import { useTranslations } from "next-intl";
import { useEffect } from "react";

import { Button } from "@/components/ui/button";
import { Field } from "@/components/ui/field";
import { IconButton } from "@/components/ui/icon-button";
import { Input } from "@/components/ui/input";
import { PersonsName } from "@/components/ui/persons-name";
import { ProblemNote } from "@/components/ui/problem";
import { Progress } from "@/components/ui/progress";
import { isRefusedForGood } from "./mendable";
import type { TusUpload, UploadState } from "./tus";
import { useUploads, useUploadState } from "./use-uploads";
import { shareOf } from "@/lib/share";
import { useFormat } from "@/lib/use-format";

import { ItemPreview } from "./item-preview";
import { SAVE_ALL } from "./save-all";
import { useItemPreview } from "./use-item-preview";
import { useSave } from "./use-save";

const NAME_LIMIT = 200;

/** One file from its first byte to the data set. */
export function UploadItem({ upload }: { upload: TusUpload }) {
  const t = useTranslations("datasets.item");
  const state = useUploadState(upload);
  const draft = useUploads((store) => store.drafts.get(upload));
  const decide = useUploads((store) => store.decide);
  const remove = useUploads((store) => store.remove);
  const preview = useItemPreview(upload, state, draft?.reading ?? {});
  const save = useSave(upload);
  const ready = state.phase === "received" && preview.data !== undefined && !preview.error && !preview.isFetching;
  const name = draft?.name ?? "";
  const { mutate, isPending } = save;

  useEffect(() => decide(upload, { ready }), [decide, upload, ready]);

  const isRefused = state.phase === "received" && (isRefusedForGood(preview.error) || isRefusedForGood(save.error));
  useEffect(() => {
    if (isRefused) void upload.forget();
  }, [upload, isRefused]);

  useEffect(() => {
    if (!ready || isPending) return;
    const listen = () => mutate();
    window.addEventListener(SAVE_ALL, listen);
    return () => window.removeEventListener(SAVE_ALL, listen);
  }, [ready, isPending, mutate]);

  return (
    <section aria-label={upload.file.name} className="rounded-md border">
      <div className="flex flex-wrap items-end gap-x-3 gap-y-2 border-b px-3 py-2.5">
        <Field label={t("name")} aside={<PersonsName>{upload.file.name}</PersonsName>} className="min-w-0 grow basis-64">
          <Input
            value={name}
            maxLength={NAME_LIMIT}
            disabled={isPending}
            onChange={(event) => decide(upload, { name: event.target.value })}
          />
        </Field>
        <div className="ml-auto flex items-center gap-2">
          <IconButton
            label={t("remove")}
            size="lg"
            disabled={isPending}
            onClick={() => void remove(upload).catch(() => undefined)}
          >
            <X aria-hidden />
          </IconButton>
          <Button
            variant="primary"
            size="lg"
            disabled={!ready}
            pending={isPending}
            onClick={() => mutate()}
          >
            {t("save")}
          </Button>
        </div>
      </div>
      <div className="grid gap-3 px-3 py-3">
        {isPending ? <Progress label={t("importing")} detail="" value={null} /> : <Transfer upload={upload} state={state} />}
        {save.error && <ProblemNote problem={save.error} />}
        <ItemPreview
          upload={upload}
          state={state}
          preview={preview}
          reading={draft?.reading ?? {}}
          disabled={isPending}
          onReading={(reading) => {
            save.reset();
            decide(upload, { reading });
          }}
        />
      </div>
    </section>
  );
}

/** How far the bytes are; nothing once they have all arrived. */
function Transfer({ upload, state }: { upload: TusUpload; state: UploadState }) {
  const t = useTranslations("datasets.item");
  const format = useFormat();
  if (state.phase === "received") return null;
  const label = t(`phase.${state.phase}`);
  const resume = () => void upload.start();
  return (
    <div className="grid gap-1.5">
      <div className="flex items-center gap-2">
        <Progress
          label={label}
          detail={format.bytesOf(state.sentBytes, state.totalBytes)}
          value={shareOf(state.sentBytes, state.totalBytes)}
          tone={state.phase === "failed" ? "bad" : state.phase === "paused" ? "caution" : "ai"}
          className="grow"
        />
        {state.phase === "sending" && (
          <IconButton label={t("pause")} size="sm" onClick={() => upload.pause()}>
            <Pause aria-hidden />
          </IconButton>
        )}
        {state.phase === "paused" && (
          <IconButton label={t("resume")} size="sm" onClick={resume}>
            <Play aria-hidden />
          </IconButton>
        )}
        {state.phase === "failed" && (
          <IconButton label={t("retry")} size="sm" onClick={resume}>
            <RotateCcw aria-hidden />
          </IconButton>
        )}
      </div>
      {state.problem && <ProblemNote problem={state.problem} />}
    </div>
  );
}
