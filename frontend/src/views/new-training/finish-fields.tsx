import dynamic from "next/dynamic";
import { useTranslations } from "next-intl";

import { Field } from "@/components/ui/field";
import { Input } from "@/components/ui/input";
import type { Option } from "@/components/ui/option";
import { Select } from "@/components/ui/select";
import { useRecipeBook } from "@/entities/recipe/queries";
import { formFor, partsOf, useServers } from "@/entities/target/registry";
import { useWayWords } from "@/entities/target/use-words";
import type { TargetOut } from "@/lib/api/generated/types.gen";

import { targetIn, targetsOf } from "./draft";
import type { FieldWords } from "./pointers";
import type { TrainingForm } from "./use-training-form";

const FormField = dynamic(() => import("./target-fields").then((loaded) => loaded.FormField), { ssr: false });
const TagName = dynamic(() => import("./target-fields").then((loaded) => loaded.TagName), { ssr: false });

const LONGEST_NAME = 200;
const NOWHERE = "none";

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
  const book = useRecipeBook();
  const offered = targetsOf(draft, book);
  const choices = useChoices(offered);
  const { whatOf, nameOf } = useWayWords();
  const servers = useServers();
  const target = targetIn(draft, book);
  const server = target === null ? undefined : servers[target.name];
  const isGone = server === "absent" || server === "failing";
  const hasForm = target !== null && !partsOf(target.name).isSpread;
  const hint = target === null ? t("noneHint") : whatOf(target.name);
  return (
    <div className="grid gap-3 border-t pt-3.5 sm:grid-cols-2">
      {offered.length > 0 && <Field
        label={t("label")}
        description={target !== null && isGone ? <span className="text-caution">{t("gone", { target: nameOf(target.name) })}</span> : hint}
        error={words.finish}
        explanation={terms("words.finish")}
        className="content-start"
      >
        <Select
          options={choices}
          className="min-w-0"
          value={target === null ? NOWHERE : valueOf(target.name, draft.form)}
          onChange={(next) => change(wishOf(next, draft.form))}
        />
      </Field>}
      {hasForm && <FormField form={form} target={target.name} />}
      {offered.length > 0 && !target?.has_tags && (
        <Field
          label={t("deployName")}
          optional
          disabled={target === null}
          error={words.deployName}
          description={t("deployNameHint")}
          className="content-start"
        >
          <Input
            value={draft.deployName}
            maxLength={LONGEST_NAME}
            disabled={target === null}
            autoComplete="off"
            spellCheck={false}
            onValueChange={(deployName) => change({ deployName })}
          />
        </Field>
      )}
      {target?.has_tags && <TagName form={form} target={target.name} isWrong={words.tag !== undefined} isTaken={refusal === "ollama_tag_taken"} />}
      {target?.chats && (
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

/** A target, with its form where each is a choice of its own. */
function valueOf(target: string, form: string): string {
  return partsOf(target).isSpread ? `${target}:${formFor(target, form)}` : target;
}

function wishOf(value: string, form: string) {
  if (value === NOWHERE) return { target: null };
  const [target = "", chosen] = value.split(":");
  return { target, form: chosen ?? form };
}

function useChoices(offered: readonly TargetOut[]): Option[] {
  const t = useTranslations("newTraining.finish");
  const servers = useServers();
  const { wayOf, isNamed } = useWayWords();
  const ofTarget = (target: string): Option[] => {
    const { isSpread, forms } = partsOf(target);
    if (isSpread && forms.length > 0) {
      return forms.map((form) => ({ value: valueOf(target, form), label: `${wayOf(target)} · ${form}`, hint: isHinted(form) ? t(`hints.${form}`) : undefined }));
    }
    const server = servers[target] ?? "running";
    const own = isNamed(target) ? t("hints.named") : undefined;
    return [{ value: valueOf(target, ""), label: wayOf(target), hint: server === "running" ? own : t(`server.${server}`), disabled: server !== "running" }];
  };
  return [...offered.flatMap(({ name }) => ofTarget(name)), { value: NOWHERE, label: t("choices.none"), hint: t("hints.none") }];
}

function isHinted(form: string): form is "f16" | "q8_0" | "f32" {
  return form === "f16" || form === "q8_0" || form === "f32";
}
