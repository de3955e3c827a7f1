import dynamic from "next/dynamic";
import { useTranslations } from "next-intl";

import { Field } from "@/components/ui/field";
import { Input } from "@/components/ui/input";
import { Select } from "@/components/ui/select";
import { useOllamaModels } from "@/entities/ollama/queries";
import type { OllamaStatus } from "@/lib/api/generated/types.gen";

import { FINISHES } from "./draft";
import type { FieldWords } from "./pointers";
import type { TrainingForm } from "./use-training-form";

const OllamaForm = dynamic(() => import("./ollama-fields").then((loaded) => loaded.OllamaForm), { ssr: false });
const OllamaName = dynamic(() => import("./ollama-fields").then((loaded) => loaded.OllamaName), { ssr: false });

const LONGEST_NAME = 200;

interface FinishFieldsProps {
  form: TrainingForm;
  words: FieldWords;
  /** The code of what the start was refused with. */
  refusal: string | null;
}

/** What the job is called, and where the finished model goes. */
export function FinishFields({ form, words, refusal }: FinishFieldsProps) {
  const t = useTranslations("newTraining.finish");
  const terms = useTranslations("terms");
  const { draft, change } = form;
  const ollama = useOllamaModels().data?.ollama;
  const isOllama = draft.finish === "ollama";
  const options = FINISHES.map((finish) => {
    const isAway = finish === "ollama" && ollama?.state !== "running";
    return { value: finish, label: t(`choices.${finish}`), hint: isAway ? awayHint(ollama, t) : t(`hints.${finish}`), disabled: isAway };
  });
  return (
    <div className="grid gap-3 border-t pt-3.5 sm:grid-cols-2">
      <Field
        label={t("label")}
        description={isOllama && ollama && ollama.state !== "running" ? <span className="text-caution">{t("ollamaGone")}</span> : t(hintOf(draft.finish))}
        error={words.finish}
        explanation={terms("words.finish")}
        className="content-start"
      >
        <Select options={options} className="min-w-0" value={draft.finish} onChange={(finish) => change({ finish })} />
      </Field>
      {isOllama ? (
        <OllamaForm form={form} />
      ) : (
        <Field
          label={t("deployName")}
          optional
          disabled={draft.finish === "none"}
          error={words.deployName}
          description={t("deployNameHint")}
          className="content-start"
        >
          <Input
            value={draft.deployName}
            maxLength={LONGEST_NAME}
            disabled={draft.finish === "none"}
            autoComplete="off"
            spellCheck={false}
            onValueChange={(deployName) => change({ deployName })}
          />
        </Field>
      )}
      {isOllama && <OllamaName form={form} isWrong={words.tag !== undefined} isTaken={refusal === "ollama_tag_taken"} />}
      {draft.finish !== "none" && (
        <Field label={t("context")} optional error={words.context} description={t("contextHint")} explanation={terms("words.context")} className="content-start">
          <Input
            value={draft.context}
            inputMode="numeric"
            maxLength={12}
            placeholder={t("contextPlaceholder")}
            autoComplete="off"
            onValueChange={(context) => change({ context })}
          />
        </Field>
      )}
      <Field label={t("name")} optional error={words.name} description={t("nameHint")} className="content-start">
        <Input value={draft.name} maxLength={LONGEST_NAME} autoComplete="off" onValueChange={(name) => change({ name })} />
      </Field>
    </div>
  );
}

function awayHint(ollama: OllamaStatus | undefined, t: ReturnType<typeof useTranslations<"newTraining.finish">>): string {
  if (!ollama) return t("ollamaUnknown");
  return t(ollama.state === "failing" ? "ollamaFailing" : "ollamaAbsent");
}

function hintOf(finish: string) {
  if (finish === "none") return "noneHint";
  return finish === "ollama" ? "ollamaHint" : "hint";
}
