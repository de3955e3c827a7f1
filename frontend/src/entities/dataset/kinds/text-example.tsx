import { useTranslations } from "next-intl";
import type { ReactNode } from "react";

import type { Message } from "@/lib/api/generated/types.gen";
import { cn } from "@/lib/cn";

import type { ExampleProps } from "./registry";

/** A row of text as a person reads it: who says what, and what is preferred to what. */
export function TextExample({ example, clamp }: ExampleProps) {
  const t = useTranslations("datasets.roles");
  const isPreference = example.chosen != null || example.rejected != null;
  return (
    <dl className="grid gap-x-3 gap-y-1.5 sm:grid-cols-[5.5rem_minmax(0,1fr)]">
      {(example.messages ?? []).map((message, place) => (
        <Turn key={place} label={t(message.role)} answer={message.role === "assistant" && !isPreference} clamp={clamp}>
          <Words message={message} />
        </Turn>
      ))}
      {example.prompt != null && (
        <Turn label={t("prompt")} clamp={clamp}>
          {example.prompt}
        </Turn>
      )}
      {example.completion != null && (
        <Turn label={t(example.prompt == null ? "text" : "completion")} answer clamp={clamp}>
          {example.completion}
        </Turn>
      )}
      {isPreference && (
        <>
          <Turn label={t("chosen")} answer clamp={clamp}>
            {example.chosen}
          </Turn>
          <Turn label={t("rejected")} bad clamp={clamp}>
            {example.rejected}
          </Turn>
        </>
      )}
      {example.tools != null && (
        <Turn label={t("tools")} clamp={clamp}>
          <code className="font-mono text-xs">{example.tools}</code>
        </Turn>
      )}
    </dl>
  );
}

interface TurnProps {
  label: string;
  /** What is to be learnt. */
  answer?: boolean;
  /** What is to be avoided. */
  bad?: boolean;
  clamp?: boolean;
  children: ReactNode;
}

function Turn({ label, answer, bad, clamp, children }: TurnProps) {
  return (
    <>
      <dt className={cn("text-xs leading-5 weak:text-ink-3", answer && "text-good", bad && "text-bad")}>{label}</dt>
      <dd className={cn("min-w-0 whitespace-pre-wrap", clamp && "line-clamp-3")}>{children}</dd>
    </>
  );
}

function Words({ message }: { message: Message }) {
  const t = useTranslations("datasets.roles");
  return (
    <>
      {message.content}
      {message.tool_calls && <code className="block font-mono text-xs text-ink-2">{message.tool_calls}</code>}
      {message.train === false && <span className="ml-2 text-xs text-ink-3">{t("untrained")}</span>}
    </>
  );
}
