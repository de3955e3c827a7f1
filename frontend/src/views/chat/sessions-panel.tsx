import { SquarePen } from "lucide-react";
import { useTranslations } from "next-intl";
import dynamic from "next/dynamic";
import { parseAsString, useQueryState } from "nuqs";
import { useEffect, useEffectEvent } from "react";

import { Button } from "@/components/ui/button";
import { ListTotals } from "@/components/ui/list-totals";
import { QueryBoundary } from "@/components/ui/query-boundary";
import { Loading, Skeleton } from "@/components/ui/skeleton";
import { useLeaving, useUndoDelete } from "@/components/ui/undo-delete";
import { useChosen } from "@/components/ui/use-chosen";
import { useChatSessions } from "@/entities/chat/queries";
import { useDoomedChat } from "@/entities/chat/use-session";
import { TagFilter } from "@/entities/label/tag-filter";

import { SessionRow } from "./session-row";

const BulkDelete = dynamic(() => import("@/entities/label/bulk-delete").then((module) => module.BulkDelete), { ssr: false });

const SESSIONS = "chat";

interface SessionsPanelProps {
  current: string | null;
  onOpen: (id: string | null) => void;
  onNew: () => void;
}

/** The conversations so far, the one used last first. */
export function SessionsPanel({ current, onOpen, onNew }: SessionsPanelProps) {
  const t = useTranslations("chat.sessions");
  const [tag, setTag] = useQueryState("tag", parseAsString);
  const query = useChatSessions(tag);
  const leaving = useLeaving(SESSIONS);
  const removeSoon = useUndoDelete(SESSIONS);
  const doomed = useDoomedChat();
  const shown = query.sessions.filter(({ id }) => !leaving.includes(id));

  const { chosen, toggle, choose } = useChosen();
  const selected = shown.filter(({ id }) => chosen.has(id));

  // One that is shown beside the list does not stay there when it goes, alone or with others.
  const isCurrentLeaving = current !== null && leaving.includes(current);
  const leave = useEffectEvent(onNew);
  useEffect(() => {
    if (isCurrentLeaving) leave();
  }, [isCurrentLeaving]);

  const doomedOf = ({ id, title }: { id: string; title: string }) => doomed({ id, name: title || t("untitled") });

  return (
    <div className="flex min-h-0 grow flex-col">
      <div className="p-3">
        <Button className="w-full" onClick={onNew}>
          <SquarePen aria-hidden />
          {t("new")}
        </Button>
      </div>
      <div className="min-h-0 grow overflow-y-auto px-2 pb-3">
        {tag && (
          <div className="px-2 pb-2">
            <TagFilter tag={tag} onClear={() => void setTag(null)} />
          </div>
        )}
        <QueryBoundary
          query={query}
          waiting={<Placeholder />}
          isEmpty={shown.length === 0}
          empty={<p className="px-2 text-xs text-ink-3">{t("nothing")}</p>}
          problemClassName="mb-2"
        >
          <ul className="grid gap-px">
            {shown.map((session) => (
              <SessionRow
                key={session.id}
                session={session}
                isCurrent={session.id === current}
                onOpen={() => onOpen(session.id)}
                isChosen={selected.length > 0 ? chosen.has(session.id) : null}
                onChoose={() => toggle(session.id)}
                onDelete={() => removeSoon(doomedOf(session))}
              />
            ))}
          </ul>
        </QueryBoundary>
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
        {selected.length > 0 && <BulkDelete kind="chat" things={selected.map(doomedOf)} onChoose={choose} />}
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
