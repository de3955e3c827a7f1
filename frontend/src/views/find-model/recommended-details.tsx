import { useLocale, useTranslations } from "next-intl";

import { FitBadge } from "@/entities/model/fit-badge";
import type { RecommendedOut } from "@/lib/api/generated/types.gen";
import { useFormat } from "@/lib/use-format";

/** The memory of each preset, and where every fact is from. */
export function RecommendedDetails({ base }: { base: RecommendedOut }) {
  const t = useTranslations("find.base");
  const locale = useLocale();
  const format = useFormat();
  const { card, config } = base.sources;
  return (
    <details className="mt-1.5 text-xs">
      <summary className="w-fit cursor-pointer rounded-sm text-ink-3 hover:text-ink">{t("details")}</summary>
      <div className="mt-1.5 grid gap-2 border-l pl-3 text-ink-2">
        <div>
          <p className="text-ink-3">{t("presets")}</p>
          <ul className="mt-0.5 grid gap-0.5">
            {base.fit.presets.map(({ name, title, memory }) => (
              <li key={name} className="flex items-center gap-2">
                <span className="min-w-16">{title[locale]}</span>
                <span className="tabular-nums">{format.bytes(memory.needed_bytes)}</span>
                <FitBadge verdict={memory.verdict} />
              </li>
            ))}
          </ul>
        </div>
        <p className="text-pretty">{t("timeBasis", { basis: base.fit[locale] })}</p>
        <div className="min-w-0">
          <p className="text-ink-3">{t("sources")}</p>
          <p>
            <bdi>{base.maker}</bdi>
            {card && (
              <>
                {" · "}
                <a href={card} target="_blank" rel="noreferrer" className="text-ai underline underline-offset-2">
                  {t("sourceCard")}
                </a>
              </>
            )}
          </p>
          {config && <p className="break-all">{t("sourceConfig", { source: config })}</p>}
        </div>
      </div>
    </details>
  );
}
