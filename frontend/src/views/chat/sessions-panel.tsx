import { SquarePen } from "lucide-react";
import { useTranslations } from "next-intl";

import { Button } from "@/components/ui/button";
import { ListTotals } from "@/components/ui/list-totals";
import { ProblemNote } from "@/components/ui/problem";
import { Loading, Skeleton } from "@/components/ui/skeleton";
import { useLeaving, useUndoDelete } from "@/components/ui/undo-delete";
import { useChatSessions } from "@/entities/chat/queries";
import { useDeleteChatSession } from "@/entities/chat/use-session";

import { SessionRow } from "./session-row";

const SESSIONS = "chat-session";

interface SessionsPanelProps {
  current: string | null;
  onOpen: (id: string | null) => void;
  onNew: () => void;
}

/** The conversations so far, the one used last first. */
export function SessionsPanel({ current, onOpen, onNew }: SessionsPanelProps) {
  const t = useTranslations("chat.sessions");
  const query = useChatSessions();
  const leaving = useLeaving(SESSIONS);
  const removeSoon = useUndoDelete(SESSIONS);
  const erase = useDeleteChatSession().mutateAsync;
  const shown = query.sessions.filter(({ id }) => !leaving.includes(id));

  const remove = (id: string, title: string) => {
    removeSoon({ id, name: title || t("untitled"), erase: () => erase(id) });
    if (id === current) onNew();
  };

  return (
    <div className="flex min-h-0 grow flex-col">
      <div className="p-3">
        <Button className="w-full" onClick={onNew}>
          <SquarePen aria-hidden />
          {t("new")}
        </Button>
      </div>
      <div className="min-h-0 grow overflow-y-auto px-2 pb-3">
        {query.isPending && <Placeholder />}
        {query.isError && <ProblemNote problem={query.error} className="px-2" />}
        {query.isSuccess && shown.length === 0 && <p className="px-2 text-xs text-ink-3">{t("nothing")}</p>}
        <ul className="grid gap-px">
          {shown.map((session) => (
            <SessionRow
              key={session.id}
              session={session}
              isCurrent={session.id === current}
              onOpen={() => onOpen(session.id)}
              onDelete={() => remove(session.id, session.title)}
            />
          ))}
        </ul>
        {query.totals && query.totals.total > 0 && (
          <ListTotals
            className="mt-1 px-2"
            parts={[t("count", { count: query.totals.total }), t("turns", { count: query.totals.messages })]}
          />
        )}
        {query.hasNextPage && (
          <Button
            variant="quiet"
            size="sm"
            className="mt-1 w-full"
            pending={query.isFetchingNextPage}
            onClick={() => void query.fetchNextPage()}
          >
            {t("more")}
          </Button>
        )}
      </div>
    </div>
  );
}

function Placeholder() {
  return (
    <Loading className="grid gap-3 px-2 pt-1">
      <Skeleton className="w-4/5" />
      <Skeleton className="w-3/5" />
      <Skeleton className="w-2/3" />
    </Loading>
  );
}
