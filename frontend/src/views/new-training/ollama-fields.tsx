import { useTranslations } from "next-intl";

import { Field } from "@/components/ui/field";
import { Input } from "@/components/ui/input";
import { Select } from "@/components/ui/select";
import { Switch } from "@/components/ui/switch";
import { OLLAMA_FORMS } from "@/entities/ollama/forms";
import { defaultTag } from "@/entities/ollama/tag";

import type { TrainingForm } from "./use-training-form";

const LONGEST_TAG = 242;

interface OllamaNameProps {
  form: TrainingForm;
  /** Whether it is no name that Ollama takes, or not free. */
  isWrong: boolean;
  /** Whether a model has the name: then it can be replaced. */
  isTaken: boolean;
}

/** The model's name in Ollama; a name that is taken can be taken over. */
export function OllamaName({ form, isWrong, isTaken }: OllamaNameProps) {
  const t = useTranslations("newTraining.finish.ollama");
  const terms = useTranslations("terms");
  const { draft, change } = form;
  const error = isTaken ? t("taken", { name: draft.tag.trim() }) : t("wrong");
  return (
    <div className="grid content-start gap-1.5 sm:col-span-2">
      <Field label={t("tag")} optional error={isWrong ? error : undefined} description={t("tagHint")} explanation={terms("words.tag")}>
        <Input
          value={draft.tag}
          maxLength={LONGEST_TAG}
          placeholder={defaultTag(draft.name, draft.ollamaForm)}
          autoComplete="off"
          autoCapitalize="off"
          spellCheck={false}
          className="font-mono"
          onValueChange={(tag) => change({ tag, replace: false })}
        />
      </Field>
      {(draft.replace || isTaken) && <Switch label={t("replace")} checked={draft.replace} onChange={(replace) => change({ replace })} className="text-xs" />}
    </div>
  );
}

/** In which form Ollama gets the model, and what that costs. */
export function OllamaForm({ form }: { form: TrainingForm }) {
  const t = useTranslations("newTraining.finish.ollama");
  const terms = useTranslations("terms");
  const { draft, change } = form;
  return (
    <Field label={t("form")} description={t(`formHints.${draft.ollamaForm}`)} explanation={terms("words.ollamaForm")} className="content-start">
      <Select
        options={OLLAMA_FORMS.map((form) => ({ value: form, label: t(`forms.${form}`), hint: form === "auto" ? t("standard") : undefined }))}
        className="min-w-0"
        value={draft.ollamaForm}
        onChange={(ollamaForm) => change({ ollamaForm })}
      />
    </Field>
  );
}
