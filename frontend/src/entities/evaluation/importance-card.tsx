import { useLocale, useTranslations } from "next-intl";

import { Card } from "@/components/ui/card";
import { Explanation } from "@/components/ui/explanation";
import { Meter } from "@/components/ui/meter";
import { PersonsName } from "@/components/ui/persons-name";
import type { Importances } from "@/lib/api/generated/types.gen";
import { isolated } from "@/lib/isolate";
import { useFormat } from "@/lib/use-format";

import { signed } from "./interval";

/** What a model looks at: by how much a figure drops when the cells of an input are shuffled. */
export function ImportanceCard({ importances }: { importances: Importances }) {
  const t = useTranslations("evaluate.importances");
  const locale = useLocale();
  const format = useFormat();
  const most = Math.max(...importances.inputs.map(({ value }) => value), 0);
  const figure = importances.figure[locale];
  return (
    <Card
      title={t("title")}
      aside={
        <span>
          {t("drop", { figure })}
          <Explanation of={t("title")}>{t("means", { figure, repeats: importances.repeats })}</Explanation>
        </span>
      }
    >
      <ul className="grid max-h-96 gap-1.5 overflow-y-auto" tabIndex={0}>
        {importances.inputs.map(({ name, value, low, high }) => (
          <li key={name} className="grid grid-cols-[minmax(0,10rem)_minmax(0,1fr)_4.5rem] items-center gap-2" title={`${format.metric(low)} – ${format.metric(high)}`}>
            <span className="truncate"><PersonsName>{name}</PersonsName></span>
            <Meter label={t("of", { name: isolated(name) })} value={most > 0 ? value / most : 0} text={format.metric(value)} className="h-2 w-full" />
            <span className="text-right tabular-nums">{signed(value, format)}</span>
          </li>
        ))}
      </ul>
    </Card>
  );
}
