"use client";

import { useTranslations } from "next-intl";
import { useState } from "react";

import { Badge } from "@/components/ui/badge";
import { Card } from "@/components/ui/card";
import { Checkbox } from "@/components/ui/checkbox";
import { CodeBlock } from "@/components/ui/code-block";
import { Table, Td, Th, Tr } from "@/components/ui/table";

const ROWS = [
  { row: 37, question: "在宅勤務の上限は?", answer: "週三日までです。部門長の承認が要ります。", tokens: 58 },
  { row: 38, question: "有給休暇の申請はいつまでですか?", answer: "取得日の三営業日前までに、勤怠システムから…", tokens: 71 },
  { row: 39, question: "出張旅費の精算方法", answer: "帰着後七日以内に…", tokens: 1634, truncated: true },
] as const;

const CURL = `curl http://127.0.0.1:8000/api/training/jobs \\
  -H 'content-type: application/json' \\
  -d '{"dataset_id": "ds_01", "base_model": "bundled:smollm2-135m-instruct"}'`;

export function TableSpecimens() {
  const t = useTranslations("devUi.words");
  const [selected, setSelected] = useState(38);
  return (
    <div className="grid gap-3 lg:grid-cols-[3fr_2fr]">
      <Card flush title={t("ledger")} aside="3">
        <Table caption={t("ledger")} className="min-w-[34rem]">
          <thead>
            <Tr>
              <Td className="w-8 border-b pl-3.5" />
              <Th numeric>{t("row")}</Th>
              <Th>{t("question")}</Th>
              <Th>{t("answer")}</Th>
              <Th numeric className="pr-3.5">
                {t("tokens")}
              </Th>
            </Tr>
          </thead>
          <tbody>
            {ROWS.map((row) => (
              <Tr key={row.row} aria-selected={row.row === selected}>
                <Td className="pl-3.5">
                  <Checkbox
                    label={t("selectRow", { row: row.row })}
                    hideLabel
                    checked={row.row === selected}
                    onChange={() => setSelected(row.row)}
                  />
                </Td>
                <Td numeric>{row.row}</Td>
                <Td>{row.question}</Td>
                <Td className="text-ink-2">
                  {row.answer} {"truncated" in row && <Badge tone="caution">{t("truncated")}</Badge>}
                </Td>
                <Td numeric className="pr-3.5">
                  {row.tokens.toLocaleString("en")}
                </Td>
              </Tr>
            ))}
          </tbody>
        </Table>
      </Card>
      <CodeBlock title={t("terminal")} code={CURL} className="self-start" />
    </div>
  );
}
