import { Pencil } from "lucide-react";
import { useTranslations } from "next-intl";
import { type KeyboardEvent, useRef, useState } from "react";

import { Button } from "@/components/ui/button";
import { CopyButton } from "@/components/ui/copy-button";
import { IconButton } from "@/components/ui/icon-button";
import { Textarea } from "@/components/ui/textarea";

import { sendsOn } from "./sends-on";

interface QuestionItemProps {
  text: string;
  isLast: boolean;
  isBusy: boolean;
  onEdit: (text: string) => Promise<boolean>;
}

/** What the person asked; it can be put in other words. */
export function QuestionItem({ text, isLast, isBusy, onEdit }: QuestionItemProps) {
  const t = useTranslations("chat.question");
  const [isEditing, setEditing] = useState(false);
  if (isEditing) {
    return <QuestionForm text={text} warns={!isLast} isBusy={isBusy} onSend={onEdit} onEnd={() => setEditing(false)} />;
  }
  return (
    <div className="flex items-start gap-1">
      <h2 className="sr-only">{t("label")}</h2>
      <p className="min-w-0 rounded-lg bg-ai-soft px-3 py-2 text-base whitespace-pre-wrap">{text}</p>
      <div className="flex shrink-0 pt-1.5">
        <IconButton size="sm" label={t("edit")} disabled={isBusy} onClick={() => setEditing(true)}>
          <Pencil aria-hidden />
        </IconButton>
        <CopyButton text={text} label={t("copy")} />
      </div>
    </div>
  );
}

interface QuestionFormProps extends Omit<QuestionItemProps, "isLast" | "onEdit"> {
  warns: boolean;
  onSend: (text: string) => Promise<boolean>;
  onEnd: () => void;
}

function QuestionForm({ text, warns, isBusy, onSend, onEnd }: QuestionFormProps) {
  const t = useTranslations("chat.question");
  const [words, setWords] = useState(text);
  const isSending = useRef(false);
  const canSend = words.trim() !== "" && !isBusy;
  const send = async () => {
    if (!canSend || isSending.current) return;
    isSending.current = true;
    const hasGone = await onSend(words);
    isSending.current = false;
    if (hasGone) onEnd();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (sendsOn(event)) {
      event.preventDefault();
      void send();
    } else if (event.key === "Escape") onEnd();
  };
  return (
    <div className="grid gap-2">
      <Textarea
        autoFocus
        aria-label={t("edit")}
        rows={2}
        value={words}
        onFocus={(event) => event.currentTarget.setSelectionRange(words.length, words.length)}
        onChange={(event) => setWords(event.currentTarget.value)}
        onKeyDown={onKeyDown}
        className="text-base"
      />
      <div className="flex flex-wrap items-center justify-end gap-2">
        {warns && <span className="mr-auto text-xs text-caution">{t("forgets")}</span>}
        <Button onClick={onEnd}>{t("cancel")}</Button>
        <Button variant="primary" disabled={!canSend} onClick={() => void send()}>
          {t("resend")}
        </Button>
      </div>
    </div>
  );
}
