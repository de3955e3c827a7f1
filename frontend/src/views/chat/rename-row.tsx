import { useTranslations } from "next-intl";
import { type KeyboardEvent, useRef, useState } from "react";

import { Input } from "@/components/ui/input";
import { useProblemWords } from "@/components/ui/problem";
import { notify } from "@/components/ui/toast";
import { useChangeChatSession } from "@/entities/chat/queries";
import type { LlmloraFeaturesChatSchemasSessionOut as Session } from "@/lib/api/generated/types.gen";

import { sendsOn } from "./sends-on";

/** In the place of a conversation's row: its name to be written anew. */
export function RenameRow({ session, onEnd }: { session: Session; onEnd: () => void }) {
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
