"use client";

import { useTranslations } from "next-intl";

import { Card } from "@/components/ui/card";
import { CopyButton } from "@/components/ui/copy-button";
import { Fact, FactList } from "@/components/ui/fact-list";
import type { Versions } from "@/lib/api/generated/types.gen";
import { NOTHING } from "@/lib/format";

import { WaitingLines } from "./waiting-lines";

/** What is installed: to compare, and to copy into a report. */
export function VersionsCard({ versions }: { versions: Versions | undefined }) {
  const t = useTranslations("system.versions");
  const lines = versions ? linesOf(versions) : [];
  return (
    <Card
      flush
      title={t("title")}
      aside={versions && <CopyButton text={lines.map((line) => line.join(" ")).join("\n")} label={t("copy")} />}
    >
      {!versions && <WaitingLines count={20} />}
      {versions && (
        <FactList isFlush>
          {lines.map(([name, version]) => (
            <Fact key={name} name={<span translate="no">{name}</span>}>
              <span translate="no" className="font-mono text-xs break-all">
                {version}
              </span>
            </Fact>
          ))}
        </FactList>
      )}
    </Card>
  );
}

function linesOf({ packages, ...versions }: Versions): [name: string, version: string][] {
  const named: [string, string | null][] = [
    ["llmlora", versions.llmlora],
    ["Python", versions.python],
    ["PostgreSQL", versions.postgresql],
    ["Valkey", versions.valkey],
    ["llama.cpp", versions.llama_cpp],
    ...Object.entries(packages),
    ["OS", versions.platform],
  ];
  return named.map(([name, version]) => [name, version ?? NOTHING]);
}
