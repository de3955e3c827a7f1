import { useLocale, useTranslations } from "next-intl";
import type { ReactNode } from "react";

import { Badge } from "@/components/ui/badge";
import { PersonsName } from "@/components/ui/persons-name";
import { licenceName } from "@/entities/model/licence";
import type { Fit, JobOut, Need, Words } from "@/lib/api/generated/types.gen";
import { useFormat } from "@/lib/use-format";

import { FitFacts } from "./fit-facts";
import { ImportAction } from "./import-action";

export interface FoundBase {
  reference: string;
  title: string;
  id: string | null;
  licence: string | null;
  gated: boolean;
  is_bundled: boolean;
  parameters: number | null;
  context_length: number | null;
  japanese: "main" | "among_others" | "no" | null;
  disk: Need | null;
  fit: Fit | null;
}

interface BaseItemProps {
  base: FoundBase;
  purpose?: Words;
  /** How many examples the time is for. */
  examples: number;
  /** What brings it in, or failed to. */
  job: JobOut | null;
  /** Why it cannot be brought in. */
  obstacle?: Words | null;
  details?: ReactNode;
}

/** One base model: what it is, whether it fits this machine, and the one thing to do next. */
export function BaseItem({ base, purpose, examples, job, obstacle, details }: BaseItemProps) {
  const locale = useLocale();
  return (
    <li data-reference={base.reference} className="grid gap-x-6 gap-y-2 px-3.5 py-3 md:grid-cols-[minmax(0,1fr)_minmax(0,19rem)]">
      <div className="min-w-0">
        <div className="flex flex-wrap items-baseline gap-x-2.5">
          <h2 className="font-semibold">
            <PersonsName>{base.title}</PersonsName>
          </h2>
          <code translate="no" className="min-w-0 font-mono text-2xs break-all text-ink-3">
            {base.reference.replace(/^hf:/, "")}
          </code>
        </div>
        {purpose && <p className="mt-0.5 text-pretty text-ink-2">{purpose[locale]}</p>}
        <Facts base={base} />
        {obstacle && <p className="mt-1.5 text-pretty text-bad">{obstacle[locale]}</p>}
        {details}
      </div>
      {!obstacle && (
        <div className="grid min-w-0 content-start gap-2">
          <FitFacts fit={base.fit} examples={examples} />
          <ImportAction base={base} job={job} />
        </div>
      )}
    </li>
  );
}

function Facts({ base }: { base: FoundBase }) {
  const t = useTranslations("find.base");
  const format = useFormat();
  const { parameters, context_length: context, japanese, disk } = base;
  const plain = [
    parameters === null ? null : t("parameters", { count: format.number(parameters, { notation: "compact", maximumSignificantDigits: 3 }) }),
    licenceName(base.licence),
    context === null ? null : t("context", { tokens: context }),
    base.is_bundled ? t("bundled") : disk && t("download", { size: format.bytes(disk.needed_bytes) }),
  ].filter((one) => one !== null);
  return (
    <ul aria-label={t("facts", { name: base.title })} className="mt-1.5 flex flex-wrap items-center gap-x-2.5 gap-y-1 text-xs text-ink-2">
      {japanese && (
        <li>
          <Badge tone={japanese === "main" ? "ai" : "neutral"}>{t(`japanese.${japanese}`)}</Badge>
        </li>
      )}
      {base.gated && (
        <li>
          <Badge tone="caution">{t("gated")}</Badge>
        </li>
      )}
      {plain.map((fact) => (
        <li key={fact}>{fact}</li>
      ))}
      {disk?.verdict === "does_not_fit" && !base.is_bundled && (
        <li className="text-bad">{t("downloadShort", { size: format.bytes(disk.needed_bytes), free: format.bytes(disk.free_bytes) })}</li>
      )}
    </ul>
  );
}
