"use client";

import { History, Settings2, SquarePen } from "lucide-react";
import dynamic from "next/dynamic";
import { useTranslations } from "next-intl";
import { type RefObject, useEffect, useMemo, useRef, useState } from "react";

import { Crumb } from "@/components/layout/crumb";
import { IconButton } from "@/components/ui/icon-button";
import { QueryBoundary } from "@/components/ui/query-boundary";
import { useOfferActions } from "@/lib/actions";

import { Composer } from "./composer";
import { Conversation } from "./conversation";
import { ModelBar } from "./model-bar";
import { SessionsPanel } from "./sessions-panel";
import { useChat } from "./use-chat";

const SettingsDrawer = dynamic(() => import("./settings-drawer").then((module) => module.SettingsDrawer), { ssr: false });
const SessionsDrawer = dynamic(() => import("./sessions-drawer").then((module) => module.SessionsDrawer), { ssr: false });

/** Base and tuned model side by side. */
export function ChatView() {
  const t = useTranslations("chat");
  const chat = useChat();
  const writing = useRef<HTMLTextAreaElement>(null);
  const [layer, setLayer] = useState<"settings" | "sessions" | null>(null);
  const { open, chosen, stop } = chat;
  const actions = useMemo(
    () => [
      { id: "chat.new", group: "page" as const, label: t("new"), run: () => open(null, chosen) },
      { id: "chat.write", group: "page" as const, label: t("actions.write"), run: () => writing.current?.focus() },
      { id: "chat.settings", group: "page" as const, label: t("settings.title"), run: () => setLayer("settings") },
      { id: "chat.stop", group: "page" as const, label: t("actions.stop"), run: stop },
    ],
    [t, open, chosen, stop],
  );
  useOfferActions("chat", actions);
  useReadyToWrite(writing);
  const title = chat.session.data?.title;
  const conversation = <Conversation key={chat.sessionId ?? "new"} chat={chat} />;

  return (
    <div className="flex h-[calc(100dvh-2.75rem)] min-h-80">
      {title && <Crumb label={title} />}
      <aside aria-label={t("sessions.title")} className="hidden w-60 shrink-0 flex-col border-r lg:flex">
        <SessionsPanel current={chat.sessionId} onOpen={open} onNew={() => open(null, chosen)} />
      </aside>
      <div className="flex min-w-0 grow flex-col">
        <div className="flex items-center gap-1 px-4 pt-3 md:px-5">
          <h1 className="mr-auto text-xl font-semibold">{t("title")}</h1>
          <IconButton label={t("sessions.title")} className="lg:hidden" aria-haspopup="dialog" onClick={() => setLayer("sessions")}>
            <History aria-hidden />
          </IconButton>
          <IconButton label={t("new")} className="lg:hidden" onClick={() => open(null, chosen)}>
            <SquarePen aria-hidden />
          </IconButton>
          <IconButton label={t("settings.title")} aria-haspopup="dialog" onClick={() => setLayer("settings")}>
            <Settings2 aria-hidden />
          </IconButton>
        </div>
        <ModelBar chat={chat} />
        <div className="flex min-h-0 grow flex-col">
          <QueryBoundary query={chat.session} waiting={conversation} problemClassName="mx-4 mt-3 md:mx-5">
            {conversation}
          </QueryBoundary>
        </div>
        <Composer chat={chat} writing={writing} onSettings={() => setLayer("settings")} />
      </div>
      {layer === "settings" && (
        <SettingsDrawer settings={chat.settings} onClose={() => setLayer(null)} />
      )}
      {layer === "sessions" && (
        <SessionsDrawer chat={chat} onClose={() => setLayer(null)} />
      )}
    </div>
  );
}

/** Whoever comes to try a model writes at once; on a phone that would bring up the keyboard over the page. */
function useReadyToWrite(writing: RefObject<HTMLTextAreaElement | null>): void {
  useEffect(() => {
    const address = new URLSearchParams(window.location.search);
    const isNew = address.has("model") && !address.has("session");
    if (isNew && !window.matchMedia("(pointer: coarse)").matches) writing.current?.focus({ preventScroll: true });
  }, [writing]);
}
