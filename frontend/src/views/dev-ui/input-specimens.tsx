"use client";

import { Search } from "lucide-react";
import { useTranslations } from "next-intl";

import { Card } from "@/components/ui/card";
import { Combobox } from "@/components/ui/combobox";
import { Field } from "@/components/ui/field";
import { Input } from "@/components/ui/input";
import { Select } from "@/components/ui/select";
import { Slider } from "@/components/ui/slider";
import { Textarea } from "@/components/ui/textarea";

const MODELS = ["SmolLM2-135M-Instruct", "SmolLM2-360M-Instruct", "Qwen2.5-0.5B-Instruct", "TinySwallow-1.5B", "sarashina2.2-0.5b"];

export function InputSpecimens() {
  const t = useTranslations("devUi.words");
  const models = MODELS.map((label, index) => ({ value: label, label, hint: index === 0 ? t("bundled") : undefined }));
  return (
    <Card>
      <div className="grid gap-4 sm:grid-cols-2 lg:grid-cols-3">
        <Field label={t("name")} description={t("nameHint")} optional>
          <Input placeholder={t("heading")} />
        </Field>
        <Field label={t("rank")} error={t("rankError")} aside="1 – 256">
          <Input defaultValue="512" inputMode="numeric" />
        </Field>
        <Field label={t("name")} disabled>
          <Input defaultValue={t("heading")} />
        </Field>
        <Field label={t("search")}>
          <Input type="search" before={<Search aria-hidden />} placeholder="faq" />
        </Field>
        <Field label={t("memory")}>
          <Input defaultValue="3.2" after="GB" inputMode="decimal" />
        </Field>
        <Field label={t("model")}>
          <Select options={models} defaultValue={MODELS[0]} />
        </Field>
        <Field label={t("model")}>
          <Select options={models} />
        </Field>
        <Field label={t("model")} disabled>
          <Select options={models} defaultValue={MODELS[0]} disabled />
        </Field>
        <Field label={t("model")}>
          <Combobox options={models} defaultValue={MODELS[0]} />
        </Field>
        <Field label={t("prompt")} className="sm:col-span-2">
          <Textarea defaultValue={t("promptText")} />
        </Field>
        <div className="grid content-start gap-2">
          <Slider
            label={t("temperature")}
            min={0}
            max={2}
            step={0.1}
            defaultValue={0.7}
            format={(value) => value.toFixed(1)}
          />
          <Slider label={t("rank")} min={1} max={64} defaultValue={16} disabled />
        </div>
      </div>
    </Card>
  );
}
