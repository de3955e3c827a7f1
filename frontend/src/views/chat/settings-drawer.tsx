import { useTranslations } from "next-intl";

import { Button } from "@/components/ui/button";
import { Drawer } from "@/components/ui/drawer";
import { Field } from "@/components/ui/field";
import { Input } from "@/components/ui/input";
import { Textarea } from "@/components/ui/textarea";
import { LIMITS } from "@/entities/chat/settings";
import { useFormat } from "@/lib/use-format";

import type { useSettings } from "./use-settings";

interface SettingsDrawerProps {
  settings: ReturnType<typeof useSettings>;
  onClose: () => void;
}

const NUMBERS = ["temperature", "topP", "maxTokens", "seed"] as const;

/** How answers are made. Every change holds from the next question on. */
export function SettingsDrawer({ settings, onClose }: SettingsDrawerProps) {
  const t = useTranslations("chat.settings");
  const format = useFormat();
  const { form, read, isUsual, change, reset } = settings;
  const limits = { ...LIMITS, maxTokens: format.number(LIMITS.maxTokens), seed: format.number(LIMITS.seed) };
  const errorOf = (field: keyof typeof form) => read.errors[field] && t(`${field}.error`, { limit: limits[field] });
  return (
    <Drawer
      open
      title={t("title")}
      description={t("description")}
      onOpenChange={(open) => !open && onClose()}
      actions={
        <Button onClick={reset} disabled={isUsual}>
          {t("reset")}
        </Button>
      }
    >
      <div className="grid gap-4">
        <Field label={t("system.label")} description={t("system.description")} error={errorOf("system")} optional>
          <Textarea rows={4} value={form.system} onChange={(event) => change({ system: event.currentTarget.value })} />
        </Field>
        {NUMBERS.map((field) => (
          <Field
            key={field}
            label={t(`${field}.label`)}
            description={t(`${field}.description`)}
            error={errorOf(field)}
            optional={field === "seed"}
          >
            <Input
              inputMode={field === "temperature" || field === "topP" ? "decimal" : "numeric"}
              autoComplete="off"
              value={form[field]}
              placeholder={t(`${field}.placeholder`)}
              onChange={(event) => change({ [field]: event.currentTarget.value })}
            />
          </Field>
        ))}
      </div>
    </Drawer>
  );
}
