import { Ellipsis, ListChecks, Pencil, Trash2 } from "lucide-react";
import { useTranslations } from "next-intl";
import { Suspense, useState } from "react";

import { IconButton } from "@/components/ui/icon-button";
import { lazyPart, loadedWhenReached } from "@/components/ui/lazy-layer";
import { Menu, MenuItem } from "@/components/ui/menu";
import { PersonsName } from "@/components/ui/persons-name";
import { useAnswering } from "@/entities/chat/answering";
import { shortName } from "@/entities/chat/choose";
import { EditLabelItem } from "@/entities/label/edit-item";
import { TagChips } from "@/entities/label/tag-chips";
import type { LlmloraFeaturesChatSchemasSessionOut as Session } from "@/lib/api/generated/types.gen";
import { cn } from "@/lib/cn";
import { isolated } from "@/lib/isolate";
import { useFormat } from "@/lib/use-format";

// They are reached by the row's menu.
const ChooseRow = lazyPart(loadedWhenReached(() => import("./choose-row").then((module) => module.ChooseRow), "menu"));
const RenameRow = lazyPart(loadedWhenReached(() => import("./rename-row").then((module) => module.RenameRow), "menu"));

interface SessionRowProps {
  session: Session;
  isCurrent: boolean;
  /** Of which conversations some are chosen: whether this one is. */
  isChosen: boolean | null;
  onChoose: () => void;
  onOpen: () => void;
  onDelete: () => void;
}

export function SessionRow({ session, isCurrent, isChosen, onChoose, onOpen, onDelete }: SessionRowProps) {
  const t = useTranslations("chat.sessions");
  const format = useFormat();
  const [isRenaming, setRenaming] = useState(false);
  const isAnswering = useAnswering((store) => store.live[session.id]?.isAnswering ?? false);
  const title = session.title || t("untitled");
  const row = (
    <li className={cn("group relative rounded-md", isChosen !== null && "pl-8", isCurrent ? "bg-ai-soft" : "hover:bg-hover")}>
      {isChosen !== null && (
        <Suspense>
          <ChooseRow name={title} isChosen={isChosen} onChoose={onChoose} />
        </Suspense>
      )}
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
      <TagChips tags={session.tags} list="/chat" most={3} className="px-2 pt-1.5 pb-1.5" />
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
          <MenuItem icon={<ListChecks aria-hidden />} onSelect={onChoose}>
            {t(isChosen ? "deselect" : "select")}
          </MenuItem>
          <MenuItem danger icon={<Trash2 aria-hidden />} onSelect={onDelete}>
            {t("delete")}
          </MenuItem>
        </Menu>
      </span>
    </li>
  );
  if (!isRenaming) return row;
  return (
    <Suspense fallback={row}>
      <RenameRow session={session} onEnd={() => setRenaming(false)} />
    </Suspense>
  );
}
