"use client";

import { useTranslations } from "next-intl";

import { Card } from "@/components/ui/card";
import { cn } from "@/lib/cn";

const SIZES = ["text-2xl", "text-xl", "text-lg", "text-base", "text-sm", "text-xs", "text-2xs"] as const;
const SURFACES = ["bg-bg", "bg-panel", "bg-sunk", "bg-hover", "bg-line", "bg-line-strong"] as const;
const TONES = [
  ["bg-ai", "bg-ai-soft", "text-ai-strong"],
  ["bg-good-mark", "bg-good-soft", "text-good"],
  ["bg-caution-mark", "bg-caution-soft", "text-caution"],
  ["bg-bad-mark", "bg-bad-soft", "text-bad"],
] as const;

export function TypeSpecimens() {
  const t = useTranslations("devUi.words");
  return (
    <div className="grid gap-3 lg:grid-cols-[3fr_2fr]">
      <Card>
        <div className="grid gap-2">
          {SIZES.map((size) => (
            <div key={size} className="grid items-baseline gap-x-3 sm:grid-cols-[4.5rem_1fr]">
              <code className="font-mono text-2xs text-ink-3">{size}</code>
              <span className={cn(size, (size === "text-2xl" || size === "text-xl") && "font-semibold")}>
                {size === "text-2xl" || size === "text-xl" ? t("heading") : t("body")}
              </span>
            </div>
          ))}
        </div>
      </Card>
      <Card>
        <div className="grid gap-3">
          <div className="grid grid-cols-6 overflow-hidden rounded-md border">
            {SURFACES.map((surface) => (
              <div key={surface} title={surface} className={cn("h-10", surface)} />
            ))}
          </div>
          {TONES.map(([mark, soft, text]) => (
            <div key={mark} className="grid grid-cols-[2.5rem_1fr] overflow-hidden rounded-md">
              <div className={mark} />
              <div className={cn("px-3 py-2 font-medium", soft, text)}>{t("heading")}</div>
            </div>
          ))}
          <div>
            <p>{t("heading")}</p>
            <p className="text-ink-2">{t("heading")}</p>
            <p className="text-ink-3">{t("heading")}</p>
          </div>
        </div>
      </Card>
    </div>
  );
}
