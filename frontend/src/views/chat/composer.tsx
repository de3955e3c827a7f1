import { ArrowUp, Square } from "lucide-react";
import { useTranslations } from "next-intl";
import { type KeyboardEvent, type RefObject, useRef } from "react";

import { Button } from "@/components/ui/button";
import { Kbd } from "@/components/ui/kbd";
import { PersonsName } from "@/components/ui/persons-name";
import { ProblemState } from "@/components/ui/problem";
import { Segmented } from "@/components/ui/segmented";
import { Textarea } from "@/components/ui/textarea";
import { shortName } from "@/entities/chat/choose";
import { readStored, useStoredText } from "@/entities/chat/use-stored-text";

import { draftKeyOf } from "./draft-key";
import { sendsOn } from "./sends-on";
import { SettingsSummary } from "./settings-summary";
import type { Chat } from "./use-chat";

interface ComposerProps {
  chat: Chat;
  writing: RefObject<HTMLTextAreaElement | null>;
  onSettings: () => void;
}

/** Where the question is written. What is written outlives a reload. */
export function Composer({ chat, writing, onSettings }: ComposerProps) {
  const t = useTranslations("chat.composer");
  const key = draftKeyOf(chat.sessionId);
  const [draft, setDraft] = useStoredText(key);
  const isSending = useRef(false);
  const { isBusy } = chat;
  const isUsable = useIsUsable(chat);
  const canSend = draft.trim() !== "" && isUsable && chat.isKnown && chat.settings.isValid && !isBusy;
  const send = async () => {
    if (!canSend || isSending.current) return;
    isSending.current = true;
    // The field is empty at once: what is typed while the question is on its way belongs to the next one.
    setDraft("");
    const hasGone = await chat.send(draft);
    isSending.current = false;
    if (!hasGone) setDraft([draft, readStored(key)].filter(Boolean).join("\n"));
    writing.current?.focus();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (sendsOn(event)) {
      event.preventDefault();
      void send();
    } else if (event.key === "Escape" && chat.isAnswering) chat.stop();
  };
  return (
    <div className="border-t bg-bg px-4 py-3 md:px-5">
      <div className="mx-auto grid w-full max-w-[78rem] gap-2">
        {chat.refusal && <ProblemState problem={chat.refusal} />}
        <Textarea
          ref={writing}
          rows={2}
          aria-label={t("label")}
          placeholder={t("placeholder")}
          value={draft}
          onChange={(event) => setDraft(event.currentTarget.value)}
          onKeyDown={onKeyDown}
          className="resize-none text-base"
        />
        <div className="flex flex-wrap items-center gap-x-3 gap-y-2">
          <SettingsSummary settings={chat.settings} onOpen={onSettings} />
          <ReceiverChoice chat={chat} />
          <div className="ml-auto flex items-center gap-3">
            <span className="hidden items-center gap-1 text-xs text-ink-3 xl:flex">
              {t.rich("keys", { enter: () => <Kbd keys="Enter" />, shift: () => <Kbd keys="Shift+Enter" /> })}
            </span>
            {chat.isAnswering ? (
              <Button onClick={chat.stop}>
                <Square aria-hidden className="fill-current" />
                {t("stop")}
              </Button>
            ) : (
              <Button variant="primary" disabled={!canSend} pending={chat.isPreparing} onClick={() => void send()}>
                <ArrowUp aria-hidden />
                {t("send")}
              </Button>
            )}
          </div>
        </div>
      </div>
    </div>
  );
}

function ReceiverChoice({ chat }: { chat: Chat }) {
  const t = useTranslations("chat.composer");
  const { left, right } = chat.chosen;
  // Most have two models: their place is held until that is known.
  if (chat.models.isPending || (chat.sessionId !== null && chat.session.isPending)) return <span className="h-7 w-56 sm:w-72" />;
  if (left === null || right === null) return null;
  const nameOf = (name: string) => <span className="max-w-14 truncate sm:max-w-28"><PersonsName>{shortName(name)}</PersonsName></span>;
  return (
    <Segmented
      label={t("receiver")}
      value={chat.receiver}
      onChange={chat.setReceiver}
      options={[
        { value: "both", label: t("both") },
        { value: "left", label: nameOf(left), name: t("only", { model: shortName(left) }) },
        { value: "right", label: nameOf(right), name: t("only", { model: shortName(right) }) },
      ]}
    />
  );
}

/** Whether all those who would be asked can answer. */
function useIsUsable({ chosen, models }: Chat): boolean {
  const names = [chosen.left, chosen.right].filter((name) => name !== null);
  if (names.length === 0) return false;
  return names.every((name) => models.data?.some((one) => (one.name === name || one.id === name) && one.servable));
}
