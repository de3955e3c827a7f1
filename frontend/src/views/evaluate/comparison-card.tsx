"use client";

import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useLocale, useTranslations } from "next-intl";
import { parseAsString, useQueryState } from "nuqs";

import { Badge } from "@/components/ui/badge";
import { Card } from "@/components/ui/card";
import { Combobox } from "@/components/ui/combobox";
import { Fact, FactList } from "@/components/ui/fact-list";
import { QueryBoundary } from "@/components/ui/query-boundary";
import { Loading, Skeleton } from "@/components/ui/skeleton";
import { Table, Td, Th, Tr } from "@/components/ui/table";
import { intervalText, signed } from "@/entities/evaluation/interval";
import { comparisonOptions, evaluationListOptions } from "@/entities/evaluation/queries";
import type { Difference, EvaluationComparison, EvaluationDetail } from "@/lib/api/generated/types.gen";
import { useRows } from "@/lib/api/rows";
import { useFormat } from "@/lib/use-format";

import { OFFERED } from "./reads";

/** Another evaluation beside this one: differences, and whether they are more than chance. */
export function ComparisonCard({ evaluation }: { evaluation: EvaluationDetail }) {
  const t = useTranslations("evaluate.comparison");
  const format = useFormat();
  const [other, setOther] = useQueryState("with", parseAsString);
  const list = useInfiniteQuery(evaluationListOptions({}, OFFERED));
  const others = useRows(list.data).filter(({ id }) => id !== evaluation.id);
  const options = others.map((one) => ({
    value: one.id,
    label: one.job_name,
    hint: format.dateTime(one.created_at),
    group: one.dataset_sha256 === evaluation.dataset_sha256 ? t("sameData") : t("otherData"),
  }));
  return (
    <Card flush title={t("title")}>
      {others.length === 0 && !other ? (
        <p className="px-3.5 pb-3.5 text-pretty text-ink-2">{t("none")}</p>
      ) : (
        <div className="px-3.5 pb-3">
          <Combobox label={t("choose")} placeholder={t("choose")} options={options.toSorted(sameDataFirst(t("sameData")))} value={other} onChange={(value) => void setOther(value)} />
        </div>
      )}
      {other && other !== evaluation.id && <Compared id={evaluation.id} other={other} />}
    </Card>
  );
}

function sameDataFirst(group: string) {
  return (one: { group: string }, next: { group: string }) => Number(next.group === group) - Number(one.group === group);
}

function Compared({ id, other }: { id: string; other: string }) {
  const query = useQuery(comparisonOptions(id, other));
  return (
    <QueryBoundary query={query} waiting={<Loading className="px-3.5 pb-3.5"><Skeleton className="h-32" /></Loading>} problemClassName="mx-3.5 mb-3.5">
      {query.data && <Result comparison={query.data} />}
    </QueryBoundary>
  );
}

function Result({ comparison }: { comparison: EvaluationComparison }) {
  const t = useTranslations("evaluate.comparison");
  const locale = useLocale();
  const format = useFormat();
  return (
    <>
      <p className="px-3.5 pb-2 text-xs text-pretty text-ink-3">
        {comparison.is_same
          ? t("paired", { rows: comparison.shared_rows, level: format.percent(comparison.confidence_level), resamples: comparison.resamples })
          : t("unpaired", { rows: comparison.shared_rows })}
      </p>
      <Table caption={t("title")}>
        <thead>
          <Tr>
            <Th className="pl-3.5">{t("metric")}</Th>
            <Th numeric>{t("this")}</Th>
            <Th numeric>{t("other")}</Th>
            <Th numeric>{t("difference")}</Th>
            <Th numeric>{t("interval", { level: format.percent(comparison.confidence_level) })}</Th>
            <Th className="pr-3.5">{t("verdict")}</Th>
          </Tr>
        </thead>
        <tbody>
          {comparison.differences.map((one) => (
            <Tr key={one.name}>
              <Td className="pl-3.5 whitespace-nowrap">{one.title[locale]}</Td>
              <Td numeric>{format.metric(one.first)}</Td>
              <Td numeric>{format.metric(one.other)}</Td>
              <Td numeric className="font-semibold">{signed(one.difference, format)}</Td>
              <Td numeric className="text-ink-2">{intervalText(one, { metric: (value) => signed(value ?? 0, format) }) ?? t("noInterval")}</Td>
              <Td className="pr-3.5 whitespace-nowrap"><Verdict one={one} /></Td>
            </Tr>
          ))}
        </tbody>
      </Table>
      {comparison.is_same && <Agreement comparison={comparison} />}
    </>
  );
}

function Verdict({ one }: { one: Difference }) {
  const t = useTranslations("evaluate.comparison.verdicts");
  if (one.verdict === null) return null;
  const tone = one.verdict === "first" ? "good" : one.verdict === "other" ? "bad" : "neutral";
  return <Badge tone={tone}>{t(one.verdict)}</Badge>;
}

function Agreement({ comparison }: { comparison: EvaluationComparison }) {
  const t = useTranslations("evaluate.comparison");
  const format = useFormat();
  return (
    <FactList isFlush isSmall>
      <Fact name={t("bothRight")}>{format.number(comparison.both_right)}</Fact>
      <Fact name={t("onlyThis")}>{format.number(comparison.only_first)}</Fact>
      <Fact name={t("onlyOther")}>{format.number(comparison.only_other)}</Fact>
      <Fact name={t("bothWrong")}>{format.number(comparison.both_wrong)}</Fact>
    </FactList>
  );
}
