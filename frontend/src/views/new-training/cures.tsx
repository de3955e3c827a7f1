import { useTranslations } from "next-intl";

import { Button } from "@/components/ui/button";
import { Link } from "@/components/ui/link";
import { curesOf } from "@/entities/forecast/cures";
import { verdictOf } from "@/entities/forecast/verdict";
import type { Forecast } from "@/lib/api/generated/types.gen";
import { useFormat } from "@/lib/use-format";

import type { TrainingForm } from "./use-training-form";

/** What to change when it is tight or too much, each at one press. */
export function Cures({ form, forecast }: { form: TrainingForm; forecast: Forecast }) {
  const t = useTranslations("newTraining.cures");
  const format = useFormat();
  const verdict = verdictOf(forecast);
  const cures = curesOf(forecast, { ...form.recipe?.defaults, ...form.request.config });
  const isDisk = forecast.disk.verdict === "does_not_fit" || forecast.disk.verdict === "tight";
  const isMemory = forecast.memory !== null && ["does_not_fit", "tight"].includes(forecast.memory.verdict);
  return (
    <div role="status" className="grid gap-2 border-t pt-2.5">
      <p className="text-pretty">
        {isMemory && t(verdict === "does_not_fit" ? "memoryShort" : "memoryTight")} {isDisk && t("diskShort")}
      </p>
      <div className="flex flex-wrap gap-1.5">
        {cures.map((cure) => (
          <Button key={cure.name} size="sm" onClick={() => form.apply(cure.changes)}>
            {typeof cure.to === "number" ? t(cure.name === "gradient_checkpointing" ? "max_length" : cure.name, { to: format.number(cure.to) }) : t("gradient_checkpointing")}
          </Button>
        ))}
        {isDisk && (
          <Link href="/system" className="self-center text-xs text-ai underline-offset-2 hover:underline">
            {t("cleanUp")}
          </Link>
        )}
        {isMemory && cures.length === 0 && <p className="text-xs text-ink-2">{t("smallerModel")}</p>}
      </div>
    </div>
  );
}
