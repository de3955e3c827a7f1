import { Wrench } from "lucide-react";
import { useLocale, useTranslations } from "next-intl";

import type { Cure } from "./gates";

/** What was changed on the way to green; nothing where it was green at once. */
export function CureList({ cures }: { cures: readonly Cure[] }) {
  const t = useTranslations("models.gates");
  const locale = useLocale();
  if (cures.length === 0) return null;
  return (
    <section className="flex gap-2 rounded-md bg-sunk px-3 py-2">
      <Wrench aria-hidden className="mt-0.5 size-3.5 shrink-0 text-ink-3" />
      <div className="min-w-0">
        <h3 className="text-xs font-medium text-ink-2">{t("cures", { count: cures.length })}</h3>
        <ul className="grid gap-0.5">
          {cures.map((cure) => (
            <li key={cure.name} className="text-pretty">
              {cure.words[locale]}
            </li>
          ))}
        </ul>
      </div>
    </section>
  );
}
