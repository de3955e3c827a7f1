"use client";

import { useTranslations } from "next-intl";

import { Badge } from "@/components/ui/badge";
import { Card } from "@/components/ui/card";
import { Fact, FactList } from "@/components/ui/fact-list";
import { PersonsName } from "@/components/ui/persons-name";
import { Table, Td, Th, Tr } from "@/components/ui/table";
import { useFormat } from "@/lib/use-format";

import { ClassBalance } from "./class-balance";
import { columnsIn, isColumnType, isReason } from "./table";

interface TableSummaryProps {
  facts: Readonly<Record<string, unknown>>;
}

/** The target, every column with its type and its gaps, and columns that nothing is learned from. */
export function TableSummary({ facts }: TableSummaryProps) {
  const t = useTranslations("datasets.table");
  const format = useFormat();
  const columns = columnsIn(facts);
  if (columns.length === 0) return null;
  const { target, task, contradiction_count: contradictions, repeats } = facts;
  const count = (value: unknown) => (typeof value === "number" && value > 0 ? format.number(value) : null);
  return (
    <div className="grid gap-3">
      <Card flush title={t("title")} aside={t("count", { count: columns.length })}>
        <FactList isFlush isSmall>
          <Fact name={t("target")}><PersonsName>{typeof target === "string" ? target : ""}</PersonsName></Fact>
          <Fact name={t("task")}>{task === "regression" ? t("regression") : t("classification")}</Fact>
          {count(repeats) && <Fact name={t("repeats")}>{count(repeats)}</Fact>}
          {count(contradictions) && <Fact name={t("contradictions")} tone="caution">{count(contradictions)}</Fact>}
        </FactList>
        <div className="max-h-96 overflow-y-auto border-t" tabIndex={0}>
          <Table caption={t("title")}>
            <thead>
              <Tr>
                <Th className="pl-3.5">{t("column")}</Th>
                <Th>{t("type")}</Th>
                <Th numeric>{t("missing")}</Th>
                <Th numeric className="pr-3.5">{t("distinct")}</Th>
              </Tr>
            </thead>
            <tbody>
              {columns.map(({ name, type, missing, distinct, reason }) => (
                <Tr key={name}>
                  <Td className="pl-3.5">
                    <PersonsName>{name}</PersonsName>
                    {reason && <Badge tone="caution">{isReason(reason) ? t(`reasons.${reason}`) : t("reasons.other")}</Badge>}
                  </Td>
                  <Td className="whitespace-nowrap text-ink-2">{isColumnType(type) ? t(`types.${type}`) : type}</Td>
                  <Td numeric>{format.number(missing)}</Td>
                  <Td numeric className="pr-3.5">{format.number(distinct)}</Td>
                </Tr>
              ))}
            </tbody>
          </Table>
        </div>
      </Card>
      <ClassBalance facts={{ classes: facts.classes, single_example: facts.single_example }} />
    </div>
  );
}
