import { ArrowDown } from "lucide-react";
import dynamic from "next/dynamic";
import { useTranslations } from "next-intl";

import { Button } from "@/components/ui/button";
import { ProblemState } from "@/components/ui/problem";
import { Loading, Skeleton } from "@/components/ui/skeleton";
import { shortName } from "@/entities/chat/choose";

import { TurnItem } from "./turn-item";
import type { Chat } from "./use-chat";
import { useFollowEnd } from "./use-follow-end";

const FirstPrompts = dynamic(() => import("./first-prompts").then((module) => module.FirstPrompts));

/** The turns, with the newest in sight. */
export function Conversation({ chat }: { chat: Chat }) {
  const t = useTranslations("chat");
  const { frame, content, isFollowing, onScroll, toEnd } = useFollowEnd();
  const { turns, ended } = chat;
  const isLoading = chat.models.isPending || (chat.sessionId !== null && chat.session.isPending && turns.length === 0);
  return (
    <div className="relative min-h-0 grow">
      <div
        ref={frame}
        onScroll={onScroll}
        role="region"
        aria-label={t("conversation")}
        tabIndex={0}
        className="h-full overflow-y-auto px-4 -outline-offset-2 md:px-5"
      >
        <div ref={content} className="mx-auto w-full max-w-[78rem] py-4">
          {isLoading && <Placeholder />}
          {chat.models.isError && <ProblemState problem={chat.models.error} onRetry={() => void chat.models.refetch()} />}
          {!isLoading && chat.models.data && turns.length === 0 && <FirstPrompts chat={chat} />}
          <ol className="grid gap-6">
            {turns.map((turn, place) => (
              <TurnItem key={turn.position} turn={turn} isLast={place === turns.length - 1} chat={chat} />
            ))}
          </ol>
        </div>
      </div>
      {!isFollowing && (
        <Button size="sm" onClick={toEnd} className="absolute bottom-3 left-1/2 -translate-x-1/2">
          <ArrowDown aria-hidden />
          {t("toEnd")}
        </Button>
      )}
      <p role="status" className="sr-only">
        {ended?.model && t("ended", { model: shortName(ended.model), text: ended.content })}
      </p>
    </div>
  );
}

function Placeholder() {
  return (
    <Loading className="grid gap-3">
      <Skeleton className="h-9 w-2/5" />
      <Skeleton className="h-24" />
    </Loading>
  );
}
