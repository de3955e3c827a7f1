import { useLocale, useTranslations } from "next-intl";

import { Button } from "@/components/ui/button";
import { CopyButton } from "@/components/ui/copy-button";
import type { OllamaStatus } from "@/lib/api/generated/types.gen";

const START = "ollama serve";

interface OllamaAwayProps {
  status: OllamaStatus;
  onRetry: () => void;
  retrying: boolean;
}

/** It need not run: what it would add, and how to start it. Where it runs but fails, why. */
export function OllamaAway({ status, onRetry, retrying }: OllamaAwayProps) {
  const t = useTranslations("models.ollama");
  const locale = useLocale();
  const detail = locale === "ja" ? status.detail_ja : status.detail_en;
  const isFailing = status.state === "failing";
  return (
    <div className="flex flex-wrap items-start justify-between gap-x-6 gap-y-2 border-t px-3.5 py-3">
      <div className="min-w-0 max-w-3xl">
        {isFailing && <p className="text-pretty text-caution">{detail}</p>}
        <p className="text-pretty text-ink-2">{t(isFailing ? "failing" : "absent")}</p>
        {!isFailing && (
          <p className="mt-1 flex flex-wrap items-center gap-x-1.5 text-xs text-ink-3">
            {t("start")}
            <span className="inline-flex items-center">
              <code translate="no" className="font-mono text-ink-2">
                {START}
              </code>
              <CopyButton text={START} label={t("copyStart")} />
            </span>
            <span>{t("address", { address: status.base_url })}</span>
          </p>
        )}
      </div>
      <Button size="sm" onClick={onRetry} pending={retrying}>
        {t("look")}
      </Button>
    </div>
  );
}

/** An older one tells the checks less. */
export function OllamaOld({ version }: { version: string | null }) {
  const t = useTranslations("models.ollama");
  return <p className="border-t px-3.5 py-2 text-xs text-pretty text-caution">{t("old", { version: version ?? "–" })}</p>;
}
