import { useTranslations } from "next-intl";

import { Field } from "@/components/ui/field";
import { Input } from "@/components/ui/input";
import { Select } from "@/components/ui/select";

import { type Finish, QUANTIZATIONS } from "./draft";
import type { TrainingForm } from "./use-training-form";

const FINISHES: readonly Finish[] = [...QUANTIZATIONS, "none"];
const LONGEST_NAME = 200;

interface FinishFieldsProps {
  form: TrainingForm;
  nameError?: string;
  deployError?: string;
}

/** What the job is called, and what happens when it is done. */
export function FinishFields({ form, nameError, deployError }: FinishFieldsProps) {
  const t = useTranslations("newTraining.finish");
  const { draft, change } = form;
  return (
    <div className="grid gap-3 border-t pt-3.5 sm:grid-cols-2 xl:grid-cols-3">
      <Field label={t("label")} description={t(draft.finish === "none" ? "noneHint" : "hint")} className="content-start sm:max-xl:col-span-2">
        <Select
          options={FINISHES.map((finish) => ({ value: finish, label: t(`choices.${finish}`), hint: t(`hints.${finish}`) }))}
          className="min-w-0"
          value={draft.finish}
          onChange={(finish) => change({ finish })}
        />
      </Field>
      <Field
        label={t("deployName")}
        optional
        disabled={draft.finish === "none"}
        error={deployError}
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
      <Field label={t("name")} optional error={nameError} description={t("nameHint")} className="content-start">
        <Input value={draft.name} maxLength={LONGEST_NAME} autoComplete="off" onValueChange={(name) => change({ name })} />
      </Field>
    </div>
  );
}
