"use client";

import { useTranslations } from "next-intl";
import type { ReactNode } from "react";

import { Badge } from "@/components/ui/badge";
import { Button } from "@/components/ui/button";
import { Spinner } from "@/components/ui/spinner";
import { Tooltip } from "@/components/ui/tooltip";
import { useIsOffline } from "@/entities/system/queries";
import { type Connection } from "@/lib/live/live-client";
import { useConnection } from "@/lib/live/shared";

interface ConnectionNoteProps {
  isLocked: boolean;
  onUnlock: () => void;
}

type Trouble = "locked" | "offline" | "reconnecting" | "polling";

/** How live the page is, said only when it is less so than it should be. */
export function ConnectionNote({ isLocked, onUnlock }: ConnectionNoteProps) {
  const t = useTranslations("common.connection");
  const trouble = troubleOf(useConnection(), useIsOffline(), isLocked);
  return (
    <div role="status" className="flex min-w-0 shrink-0 items-center">
      {trouble === "locked" && (
        <Button size="sm" onClick={onUnlock}>
          {t("locked")}
        </Button>
      )}
      {trouble === "offline" && <Note tone="bad" words={t("offline")} hint={t("offlineHint")} mark={<Dot />} />}
      {trouble === "reconnecting" && (
        <Note tone="caution" words={t("reconnecting")} hint={t("reconnectingHint")} mark={<Spinner className="size-3" />} />
      )}
      {trouble === "polling" && <Note tone="caution" words={t("polling")} hint={t("pollingHint")} mark={<Dot />} />}
    </div>
  );
}

export function troubleOf(connection: Connection, isOffline: boolean, isLocked: boolean): Trouble | null {
  if (isLocked) return "locked";
  if (isOffline) return "offline";
  return connection === "reconnecting" || connection === "polling" ? connection : null;
}

interface NoteProps {
  tone: "caution" | "bad";
  words: string;
  hint: string;
  mark: ReactNode;
}

function Note({ tone, words, hint, mark }: NoteProps) {
  return (
    <Tooltip content={hint}>
      <button type="button" className="animate-appear cursor-default rounded-full">
        <Badge tone={tone} mark={mark}>
          {words}
        </Badge>
        <span className="sr-only">{hint}</span>
      </button>
    </Tooltip>
  );
}

function Dot() {
  return <span aria-hidden className="size-1.5 rounded-full bg-current" />;
}
