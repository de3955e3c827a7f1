import { useTranslations } from "next-intl";

import { Field } from "@/components/ui/field";
import { Input } from "@/components/ui/input";
import { Select } from "@/components/ui/select";
import { Switch } from "@/components/ui/switch";
import { OLLAMA_FORMS } from "@/entities/ollama/forms";
import { formFor, partsOf } from "@/entities/target/registry";
import { useWayWords } from "@/entities/target/use-words";

import type { TrainingForm } from "./use-training-form";

interface TagNameProps {
  form: TrainingForm;
  target: string;
  /** Whether it is no name that is taken there, or not free. */
  isWrong: boolean;
  /** Whether a model has the name: then it can be replaced. */
  isTaken: boolean;
}

/** The model's name where it gets one of its own; a name that is taken can be taken over. */
export function TagName({ form, target, isWrong, isTaken }: TagNameProps) {
  const t = useTranslations("newTraining.finish");
  const terms = useTranslations("terms");
  const { draft, change } = form;
  const { nameOf } = useWayWords();
  const error = isTaken ? t("taken", { target: nameOf(target), name: draft.tag.trim() }) : t("wrong");
  return (
    <div className="grid content-start gap-1.5 sm:col-span-2">
      <Field label={t("tag", { target: nameOf(target) })} optional error={isWrong ? error : undefined} description={t("tagHint")} explanation={terms("words.tag")}>
        <Input
          value={draft.tag}
          maxLength={partsOf(target).longestName}
          placeholder={partsOf(target).nameFor?.(draft.name, formFor(target, draft.form))}
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

/** In which form the target gets the model, and what that costs. */
export function FormField({ form, target }: { form: TrainingForm; target: string }) {
  const t = useTranslations("newTraining.finish");
  const terms = useTranslations("terms");
  const { nameOf, formOf } = useWayWords();
  const { draft, change } = form;
  const chosen = formFor(target, draft.form);
  const known = OLLAMA_FORMS.find((one) => one === chosen);
  return (
    <Field label={t("form", { target: nameOf(target) })} description={known && t(`formHints.${known}`)} explanation={terms("words.ollamaForm")} className="content-start">
      <Select
        options={partsOf(target).forms.map((one, place) => ({ value: one, label: formOf(target, one), hint: place === 0 ? t("standard") : undefined }))}
        className="min-w-0"
        value={chosen}
        onChange={(next) => change({ form: next })}
      />
    </Field>
  );
}
