import { RotateCcw } from "lucide-react";
import { type Locale, useLocale, useTranslations } from "next-intl";

import { Button } from "@/components/ui/button";
import { Field } from "@/components/ui/field";
import { Input } from "@/components/ui/input";
import { Select } from "@/components/ui/select";
import { Switch } from "@/components/ui/switch";
import type { Raw } from "@/entities/recipe/raw";
import type { Setting } from "@/entities/recipe/settings";

import { NumberOrWord } from "./number-or-word";
import { useFaultWords } from "./use-fault-words";
import type { TrainingForm } from "./use-training-form";

interface SettingFieldProps {
  form: TrainingForm;
  setting: Setting;
  /** What the API says of it. */
  told?: string;
  /** Without the sentence that explains it. */
  brief?: boolean;
}

/** One setting of the recipe, drawn from its schema. */
export function SettingField({ form, setting, told, brief }: SettingFieldProps) {
  const locale = useLocale();
  const terms = useTranslations("terms");
  const faults = useFaultWords();
  const fault = form.faults[setting.name];
  const title = setting.title[locale];
  return (
    <Field
      label={title}
      explanation={explanationOf(setting, brief === true, locale, terms)}
      description={brief || saysTheSame(title, setting.description[locale]) ? undefined : setting.description[locale]}
      error={fault ? faults.words(setting, fault) : told}
      aside={<Aside form={form} setting={setting} />}
      // Titles of one or two lines: what stands beside each other begins at one height.
      className={brief ? "row-span-3 grid-rows-subgrid pb-2 [&>:first-child]:self-end" : undefined}
    >
      <Control setting={setting} raw={form.rawOf(setting)} onChange={(raw) => form.edit(setting, raw)} />
    </Field>
  );
}

/** What the catalogue of terms says of a setting; of one it does not know, what its recipe says where that is not shown. */
function explanationOf(setting: Setting, isBrief: boolean, locale: Locale, terms: ReturnType<typeof useTranslations<"terms">>): string | undefined {
  const key = `settings.${setting.name}` as Parameters<typeof terms>[0];
  if (terms.has(key)) return terms(key);
  return isBrief ? setting.description[locale] : undefined;
}

/** Whether a description only repeats the title. */
function saysTheSame(title: string, description: string): boolean {
  return description.replace(/[。.]$/, "") === title;
}

/** The way back, where it was changed. */
function Aside({ form, setting }: { form: TrainingForm; setting: Setting }) {
  const t = useTranslations("newTraining.settings");
  const locale = useLocale();
  if (!form.changed.has(setting.name)) return null;
  return (
    <Button
      size="sm"
      variant="quiet"
      className="-my-1 h-5 px-1 text-ai"
      aria-label={t("resetOne", { title: setting.title[locale] })}
      onClick={() => form.reset(setting)}
    >
      {t("reset")}
      <RotateCcw aria-hidden />
    </Button>
  );
}

function Control({ setting, raw, onChange }: { setting: Setting; raw: Raw; onChange: (raw: Raw) => void }) {
  const t = useTranslations("newTraining.settings");
  const locale = useLocale();
  switch (setting.kind) {
    case "boolean":
      return (
        <span className="flex h-8 items-center">
          <Switch label={t(raw === true ? "on" : "off")} checked={raw === true} onChange={onChange} />
        </span>
      );
    case "choice": {
      const choices = setting.choices.map((value) => {
        const name = setting.choiceNames[value]?.[locale];
        return name ? { value, label: name, hint: value } : { value, label: value };
      });
      const options = setting.nullable ? [{ value: "", label: t("auto") }, ...choices] : choices;
      return <Select options={options} value={String(raw)} onChange={onChange} />;
    }
    default:
      if (setting.words.length > 0) return <NumberOrWord setting={setting} raw={raw} onChange={onChange} />;
      return (
        <Input
          value={String(raw)}
          onValueChange={(text) => onChange(text)}
          inputMode={setting.kind === "integer" ? "numeric" : setting.kind === "number" ? "decimal" : "text"}
          placeholder={setting.nullable ? t(setting.kind === "list" ? "autoList" : "auto") : undefined}
          autoComplete="off"
          spellCheck={false}
        />
      );
  }
}
