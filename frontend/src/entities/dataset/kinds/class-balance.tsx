"use client";

import { useTranslations } from "next-intl";

import { Card } from "@/components/ui/card";
import { Fact, FactList } from "@/components/ui/fact-list";
import { Meter } from "@/components/ui/meter";
import { PersonsName } from "@/components/ui/persons-name";
import { isolated } from "@/lib/isolate";
import { useFormat } from "@/lib/use-format";

import { classesIn, countsIn } from "./classes";

/** How many rows each class has, the largest first, and what of the labels one should look at. */
export function ClassBalance({ facts }: { facts: Readonly<Record<string, unknown>> }) {
  const t = useTranslations("datasets.classes");
  const format = useFormat();
  const classes = classesIn(facts);
  if (classes.length === 0) return null;
  const most = classes[0]?.rows ?? 1;
  const counts = countsIn(facts);
  return (
    <Card title={t("title")} aside={t("count", { count: classes.length })}>
      <ul className="grid max-h-80 gap-1.5 overflow-y-auto" tabIndex={0}>
        {classes.map(({ name, rows }) => (
          <li key={name} className="grid grid-cols-[minmax(0,9rem)_minmax(0,1fr)_3.5rem] items-center gap-2">
            <span className="truncate"><PersonsName>{name}</PersonsName></span>
            <Meter label={t("rows", { label: isolated(name) })} value={rows / most} text={format.number(rows)} className="h-2 w-full" />
            <span className="text-right tabular-nums">{format.number(rows)}</span>
          </li>
        ))}
      </ul>
      {counts.length > 0 && (
        <div className="mt-2.5">
          <FactList isSmall>
            {counts.map(([name, count]) => (
              <Fact key={name} name={t(name)}>{format.number(count)}</Fact>
            ))}
          </FactList>
        </div>
      )}
    </Card>
  );
}
