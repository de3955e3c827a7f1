"use client";

import { useTranslations } from "next-intl";
import { useRouter } from "next/navigation";
import { type DragEvent, useRef, useState } from "react";

import { Button } from "@/components/ui/button";
import { ACCEPTED } from "@/entities/dataset/accepted";
import { useUploads } from "@/entities/dataset/use-uploads";
import { cn } from "@/lib/cn";

import { ADD_DATA } from "@/lib/routes";

/** Drop files or choose them: they begin to go up, and the page of the data shows what they would become. */
export function FileDoor() {
  const t = useTranslations("home.first.file");
  const router = useRouter();
  const input = useRef<HTMLInputElement>(null);
  const [isOver, setOver] = useState(false);
  const take = (files: FileList | null) => {
    if (!files || files.length === 0) return;
    useUploads.getState().add(files);
    router.push(ADD_DATA);
  };
  const drop = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    take(event.dataTransfer.files);
  };
  return (
    <div
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={(event) => {
        if (!event.currentTarget.contains(event.relatedTarget as Node | null)) setOver(false);
      }}
      onDrop={drop}
      className={cn(
        "grid min-h-56 place-items-center rounded-md border border-dashed px-4 py-6 text-center transition-colors",
        isOver ? "border-ai bg-ai-soft" : "border-line-strong",
      )}
    >
      <div className="grid justify-items-center gap-2.5">
        <p className="max-w-sm text-pretty text-ink-2">{isOver ? t("drop") : t("description")}</p>
        <Button variant="primary" size="lg" onClick={() => input.current?.click()}>
          {t("choose")}
        </Button>
        <p className="text-xs text-ink-3">{t("kinds")}</p>
        <input
          ref={input}
          type="file"
          multiple
          accept={ACCEPTED}
          aria-label={t("choose")}
          tabIndex={-1}
          className="sr-only"
          onChange={(event) => take(event.target.files)}
        />
      </div>
    </div>
  );
}
