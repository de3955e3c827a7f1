import { Ellipsis, Pencil, Trash2 } from "lucide-react";
import { useTranslations } from "next-intl";
import { type KeyboardEvent, useRef, useState } from "react";

import { IconButton } from "@/components/ui/icon-button";
import { Input } from "@/components/ui/input";
import { Menu, MenuItem } from "@/components/ui/menu";
import { PersonsName } from "@/components/ui/persons-name";
import { useProblemWords } from "@/components/ui/problem";
import { notify } from "@/components/ui/toast";
import { useAnswering } from "@/entities/chat/answering";
import { shortName } from "@/entities/chat/choose";
import { useChangeChatSession } from "@/entities/chat/queries";
import { EditLabelItem } from "@/entities/label/edit-item";
import { TagChips } from "@/entities/label/tag-chips";
import type { LlmloraFeaturesChatSchemasSessionOut as Session } from "@/lib/api/generated/types.gen";
import { cn } from "@/lib/cn";
import { isolated } from "@/lib/isolate";
import { useFormat } from "@/lib/use-format";

import { sendsOn } from "./sends-on";

interface SessionRowProps {
  session: Session;
  isCurrent: boolean;
  onOpen: () => void;
  onDelete: () => void;
}

export function SessionRow({ session, isCurrent, onOpen, onDelete }: SessionRowProps) {
  const t = useTranslations("chat.sessions");
  const format = useFormat();
  const [isRenaming, setRenaming] = useState(false);
  const isAnswering = useAnswering((store) => store.live[session.id]?.isAnswering ?? false);
  const title = session.title || t("untitled");
  if (isRenaming) return <RenameRow session={session} onEnd={() => setRenaming(false)} />;
  return (
    <li className={cn("group relative rounded-md", isCurrent ? "bg-ai-soft" : "hover:bg-hover")}>
      <button
        type="button"
        aria-current={isCurrent ? "page" : undefined}
        onClick={onOpen}
        className="grid w-full min-w-0 rounded-md py-1.5 pr-8 pl-2 text-left -outline-offset-2"
      >
        <span className={cn("truncate", isCurrent && "font-medium text-ai-strong")}><PersonsName>{title}</PersonsName></span>
        <span className="truncate text-xs text-ink-3" suppressHydrationWarning>
          {isAnswering ? <span className="text-ai">{t("answering")}</span> : format.relative(session.updated_at)} · {session.models.map((name) => isolated(shortName(name))).join(" / ")}
        </span>
      </button>
      <TagChips tags={session.tags} list="/chat" most={3} className="px-2 pb-1.5" />
      <span className="absolute top-1.5 right-1">
        <Menu
          trigger={
            <IconButton size="sm" label={t("actions", { title })}>
              <Ellipsis aria-hidden />
            </IconButton>
          }
        >
          <MenuItem icon={<Pencil aria-hidden />} onSelect={() => setRenaming(true)}>
            {t("rename")}
          </MenuItem>
          <EditLabelItem {...session} name={title} kind="chat" />
          <MenuItem danger icon={<Trash2 aria-hidden />} onSelect={onDelete}>
            {t("delete")}
          </MenuItem>
        </Menu>
      </span>
    </li>
  );
}

function RenameRow({ session, onEnd }: { session: Session; onEnd: () => void }) {
  const t = useTranslations("chat.sessions");
  const words = useProblemWords();
  const change = useChangeChatSession();
  const [title, setTitle] = useState(session.title);
  const hasEnded = useRef(false);
  const end = (isKept: boolean) => {
    if (hasEnded.current) return;
    hasEnded.current = true;
    const next = title.trim();
    if (isKept && next !== "" && next !== session.title) {
      change.mutate({ id: session.id, changes: { title: next } }, { onError: (error) => notify.bad(words(error)) });
    }
    onEnd();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (sendsOn(event)) end(true);
    if (event.key === "Escape") {
      event.stopPropagation();
      end(false);
    }
  };
  return (
    <li className="p-0.5">
      <Input
        autoFocus
        aria-label={t("name")}
        maxLength={200}
        value={title}
        onFocus={(event) => event.currentTarget.select()}
        onChange={(event) => setTitle(event.currentTarget.value)}
        onKeyDown={onKeyDown}
        onBlur={() => end(true)}
      />
    </li>
  );
}
