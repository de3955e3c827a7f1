import { useLocale, useTranslations } from "next-intl";

import { FitBadge } from "@/entities/model/fit-badge";
import type { Fit, Need } from "@/lib/api/generated/types.gen";
import { useFormat } from "@/lib/use-format";

/** Whether training and serving fit, how long it takes, and what would make it fit. */
export function FitFacts({ fit, examples }: { fit: Fit | null; examples: number }) {
  const t = useTranslations("find.base");
  const format = useFormat();
  if (!fit) {
    return (
      <dl>
        <Line name={t("training")}>
          <FitBadge verdict="unknown" />
        </Line>
      </dl>
    );
  }
  const training = fit.presets.find(({ first }) => first)?.memory;
  return (
    <>
      <dl className="grid gap-1">
        <Line name={t("training")}>
          <NeedWords verdict={fit.verdict} need={training} />
        </Line>
        <Line name={t("serving")}>
          <NeedWords verdict={fit.serving.verdict} need={fit.serving} />
        </Line>
      </dl>
      {fit.verdict !== "does_not_fit" && (
        <p className="text-xs text-ink-2">{fit.seconds === null ? t("noTime") : t("time", { examples, duration: format.duration(inMinutes(fit.seconds)) })}</p>
      )}
      <Advice fit={fit} training={training} />
    </>
  );
}

function Line({ name, children }: { name: string; children: React.ReactNode }) {
  return (
    <div className="flex flex-wrap items-center justify-between gap-x-3">
      <dt className="text-ink-2">{name}</dt>
      <dd className="flex items-center gap-2">{children}</dd>
    </div>
  );
}

function NeedWords({ verdict, need }: { verdict: Fit["verdict"]; need: Need | undefined }) {
  const t = useTranslations("find.base");
  const format = useFormat();
  return (
    <>
      {need && <span className="text-xs text-ink-3 tabular-nums">{t("need", { needed: format.bytes(need.needed_bytes) })}</span>}
      <FitBadge verdict={verdict} />
    </>
  );
}

/** What to change where it is tight or does not fit. */
function Advice({ fit, training }: { fit: Fit; training: Need | undefined }) {
  const t = useTranslations("find.base");
  const format = useFormat();
  const locale = useLocale();
  if (fit.verdict === "fits" || fit.verdict === "unknown") return null;
  const isBusy = training !== undefined && training.total_bytes !== null && training.needed_bytes <= training.total_bytes * COMFORTABLE;
  const { lighter } = fit;
  const words = lighter
    ? t(`lighter.${lighter.memory.verdict === "fits" ? "fits" : "tight"}`, { how: lighter.title[locale], needed: format.bytes(lighter.memory.needed_bytes) })
    : isBusy
      ? t("whenIdle")
      : fit.verdict === "does_not_fit"
        ? t("smaller")
        : null;
  return words && <p className="text-xs text-pretty text-ink-2">{words}</p>;
}

/** As the server judges what fits with room to spare. */
const COMFORTABLE = 0.8;

/** A forecast of an hour is not known to the second. */
function inMinutes(seconds: number): number {
  return seconds < 600 ? Math.round(seconds) : 60 * Math.round(seconds / 60);
}
