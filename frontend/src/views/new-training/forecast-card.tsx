import dynamic from "next/dynamic";
import { useLocale, useTranslations } from "next-intl";

import { Badge } from "@/components/ui/badge";
import { Card } from "@/components/ui/card";
import { ProblemNote } from "@/components/ui/problem";
import { Loading, Skeleton } from "@/components/ui/skeleton";
import { chosenBy } from "@/entities/forecast/chosen";
import { type useForecast } from "@/entities/forecast/use-forecast";
import { useKept } from "@/entities/forecast/use-kept";
import { VERDICT_MARK, VERDICT_TONE, type Verdict, verdictOf } from "@/entities/forecast/verdict";
import { cn } from "@/lib/cn";

import { ForecastRows } from "./forecast-rows";
import { MemoryBar } from "./memory-bar";
import type { FieldWords } from "./pointers";
import type { TrainingForm } from "./use-training-form";

const Cures = dynamic(() => import("./cures").then((loaded) => loaded.Cures), { ssr: false });

interface ForecastCardProps {
  form: TrainingForm;
  forecast: ReturnType<typeof useForecast>;
  told: FieldWords;
}

/** What it will take. What is shown stays, paler, until its successor is there. */
export function ForecastCard({ form, forecast, told }: ForecastCardProps) {
  const t = useTranslations("newTraining.forecast");
  const kept = useKept(forecast.data);
  const hasFailed = forecast.error !== null && !forecast.isBehind;
  const isOld = forecast.data === undefined || forecast.isBehind || form.hasFaults || hasFailed;
  return (
    <Card title={t("title")} aside={kept && <VerdictBadge verdict={verdictOf(kept)} isOld={isOld} />}>
      {hasFailed && !told.isComplete && <ProblemNote problem={forecast.error} className="mb-2" />}
      {hasFailed && told.isComplete && <p className="mb-2 text-xs text-bad">{t("waitsForFields")}</p>}
      {form.hasFaults && <p className="mb-2 text-xs text-bad">{t("waitsForFields")}</p>}
      {kept ? (
        <div className={cn("grid gap-2.5 transition-opacity", isOld && "opacity-85")} aria-busy={isOld && !hasFailed && !form.hasFaults}>
          {kept.memory ? <MemoryBar memory={kept.memory} /> : <p className="text-pretty text-ink-2">{t("afterImport")}</p>}
          <Chosen form={form} chosen={chosenBy(kept)} />
          <ForecastRows forecast={kept} />
          {!isOld && isShort(verdictOf(kept)) && <Cures form={form} forecast={kept} />}
        </div>
      ) : (
        !hasFailed && !form.hasFaults && <Waiting />
      )}
    </Card>
  );
}

/** What the forecast has chosen for settings that are left to it. */
function Chosen({ form, chosen }: { form: TrainingForm; chosen: ReadonlyMap<string, unknown> }) {
  const t = useTranslations("newTraining.forecast");
  const locale = useLocale();
  const settings = form.settings.filter(({ name }) => chosen.has(name));
  if (settings.length === 0) return null;
  return (
    <ul className="grid gap-0.5">
      {settings.map(({ name, title }) => (
        <li key={name} className="flex justify-between gap-3">
          {title[locale]}
          <span className="shrink-0 font-medium">{t("chosen", { value: String(chosen.get(name)) })}</span>
        </li>
      ))}
    </ul>
  );
}

function isShort(verdict: Verdict): boolean {
  return verdict === "tight" || verdict === "does_not_fit";
}

function VerdictBadge({ verdict, isOld }: { verdict: Verdict; isOld: boolean }) {
  const t = useTranslations("newTraining.forecast.verdicts");
  return (
    <span role="status" className={cn("transition-opacity", isOld && "opacity-85")}>
      <Badge tone={VERDICT_TONE[verdict]} mark={<span aria-hidden className={cn("size-1.5 rounded-full", VERDICT_MARK[verdict])} />}>
        {t(verdict)}
      </Badge>
    </span>
  );
}

function Waiting() {
  return (
    <Loading className="grid gap-2.5">
      <Skeleton className="w-48" />
      <Skeleton className="h-3.5" />
      {["weights", "adapter", "activations", "libraries", "time", "disk"].map((row) => (
        <Skeleton key={row} className="h-6" />
      ))}
    </Loading>
  );
}
