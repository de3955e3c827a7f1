import dynamic from "next/dynamic";
import { useTranslations } from "next-intl";
import { useState } from "react";

import { Combobox } from "@/components/ui/combobox";
import { Field } from "@/components/ui/field";
import { useProblemWords } from "@/components/ui/problem";
import { Link } from "@/components/ui/link";
import type { Option } from "@/components/ui/option";
import { licenceName } from "@/entities/model/licence";
import { useBaseModel } from "@/entities/model/queries";
import { roundedBits } from "@/entities/model/precision";
import { readReference, shortReference } from "@/entities/model/reference";
import { useOllamaModels } from "@/entities/ollama/queries";
import type { BaseModelOut, OllamaModelOut } from "@/lib/api/generated/types.gen";
import { FIND_MODEL } from "@/lib/routes";
import { useFormat } from "@/lib/use-format";

import type { FitsOf } from "./base-fits";
import { canLearn } from "./draft";
import type { TrainingForm } from "./use-training-form";

const BaseFits = dynamic(() => import("./base-fits").then((module) => module.BaseFits), { ssr: false });

interface BaseFieldProps {
  form: TrainingForm;
  models: readonly BaseModelOut[];
  error?: string;
}

/** The base model: one that is known, or any reference. */
export function BaseField({ form, models, error }: BaseFieldProps) {
  const t = useTranslations("newTraining.base");
  const terms = useTranslations("terms");
  const format = useFormat();
  const sourceOf = (source: string) => (isSource(source) ? t(`source.${source}`) : source);
  const { data: ollama } = useOllamaModels();
  const [isReached, setReached] = useState(false);
  const [fits, setFits] = useState<FitsOf | null>(null);
  const fitOf = (reference: string) => {
    const verdict = fits?.get(reference);
    return verdict && verdict !== "unknown" ? t(`fit.${verdict}`) : null;
  };
  const known: Option[] = models.filter((model) => canLearn(model, form.recipe)).map((model) => ({
    value: model.reference,
    label: shortReference(model.reference),
    hint: [sourceOf(model.source), model.size_bytes === null ? null : format.bytes(model.size_bytes), fitOf(model.reference)].filter(Boolean).join(" · "),
  }));
  const others = ollamaBases(ollama?.data ?? [], models).map(
    ({ reference, model }): Option => ({
      value: reference,
      label: model.name,
      hint: [model.quantisation, format.bytes(model.size_bytes)].filter(Boolean).join(" · "),
      group: t("ofOllama"),
    }),
  );
  const { base } = form.draft;
  const listed = others.length > 0 ? [...known.map((one) => ({ ...one, group: t("ofStudio") })), ...others] : known;
  const options = base === null || listed.some(({ value }) => value === base) ? listed : [{ value: base, label: shortReference(base) }, ...listed];
  const optionFor = (typed: string): Option | null => {
    const written = readReference(typed);
    if (written.kind !== "reference") return null;
    return { value: written.reference, label: written.reference, hint: t("useThis") };
  };
  return (
    // The verdicts are asked for when somebody is about to choose.
    <div onPointerEnter={() => setReached(true)} onFocus={() => setReached(true)}>
      {isReached && <BaseFits references={models.map(({ reference }) => reference)} onFits={setFits} />}
      <Field
        label={t("label")}
        explanation={terms("words.baseModel")}
        error={error ?? (base === null ? t("missing") : undefined)}
        description={<BaseFacts base={base} models={models} />}
        aside={
          <Link href={FIND_MODEL} className="rounded-sm text-ai hover:underline">
            {t("find")}
          </Link>
        }
      >
        <Combobox
          options={options}
          value={base}
          onChange={(next) => form.change({ base: next })}
          optionFor={optionFor}
          placeholder={t("placeholder")}
        />
      </Field>
    </div>
  );
}

/** What is known of the chosen model, in one line. */
function BaseFacts({ base, models }: { base: string | null; models: readonly BaseModelOut[] }) {
  const t = useTranslations("newTraining.base");
  const format = useFormat();
  const wordsOf = useProblemWords();
  const listed = models.find((model) => model.reference === base || model.id === base);
  const isNew = !listed && isPinned(base);
  const asked = useBaseModel(listed || isNew ? null : base);
  const inOllama = useOllamaModels().data?.data.find((one) => one.base.reference === base);
  const model = listed ?? asked.data;
  if (base === null) return t("how");
  const rounding = model?.quantisation ?? (model ? null : (inOllama?.quantisation ?? null));
  const bits = roundedBits(rounding);
  const rounded = bits !== null && <span className="block">{t("rounded", { format: rounding ?? "", bits })}</span>;
  if (model) {
    const facts = [
      model.source === "bundled" ? t("source.bundled") : null,
      licenceName(model.licence) ?? (model.state === "registered" ? t("noLicence") : null),
      model.parameters === null ? null : t("parameters", { count: format.number(model.parameters, { notation: "compact" }) }),
      model.size_bytes === null ? null : format.bytes(model.size_bytes),
      model.context_length === null ? null : t("context", { tokens: format.number(model.context_length) }),
      model.state === "available" ? t("beforeFirstUse") : null,
    ];
    return (
      <span aria-live="polite">
        {facts.filter(Boolean).join(" · ")}
        {rounded}
      </span>
    );
  }
  if (asked.isPending && !isNew) return <span aria-live="polite">{t("checking")}</span>;
  if (isNew || (asked.error?.code === "base_model_unknown" && isImportable(base))) {
    return (
      <span aria-live="polite">
        {t(NEW_FROM[base.split(":", 1)[0] ?? ""] ?? "newFromPath")}
        {rounded}
      </span>
    );
  }
  return (
    <span aria-live="polite" className="text-bad">
      {wordsOf(asked.error)}
    </span>
  );
}

/** A model of Ollama's with its digest, as its list names it: what is known of those is listed, so the rest is new. */
function isPinned(base: string | null): boolean {
  return base !== null && base.startsWith("ollama:") && base.includes("@");
}

const NEW_FROM: Readonly<Record<string, "newFromHub" | "newFromOllama">> = { hf: "newFromHub", ollama: "newFromOllama" };

function isSource(source: string): source is "bundled" | "hf" | "path" | "ollama" {
  return source === "bundled" || source === "hf" || source === "path" || source === "ollama";
}

/** Models of Ollama's that can be trained on and are not among the studio's own yet. */
function ollamaBases(installed: readonly OllamaModelOut[], models: readonly BaseModelOut[]) {
  const known = new Set(models.map((model) => model.reference));
  return installed.flatMap((model) => {
    const { reference } = model.base;
    return reference === null || known.has(reference) ? [] : [{ reference, model }];
  });
}

/** Whether starting a training brings it in. */
function isImportable(reference: string): boolean {
  const written = readReference(reference);
  return written.kind === "reference" && written.source !== "bundled";
}
