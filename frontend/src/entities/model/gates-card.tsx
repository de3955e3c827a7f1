"use client";

import { Check, X } from "lucide-react";
import { useLocale, useTranslations } from "next-intl";
import { useState } from "react";

import { Fact, FactList } from "@/components/ui/fact-list";
import { PersonsName } from "@/components/ui/persons-name";
import { Badge } from "@/components/ui/badge";
import { Button } from "@/components/ui/button";
import { Card } from "@/components/ui/card";
import { LinkButton } from "@/components/ui/link-button";
import { AcceptDialog } from "./accept-dialog";
import { CureList } from "./cure-list";
import { readGates } from "./gates";
import type { DeploymentOut, JobDetail } from "@/lib/api/generated/types.gen";
import { cn } from "@/lib/cn";
import { useFormat } from "@/lib/use-format";
import { tryPage } from "@/lib/routes";
import { type GateRows, gateRows } from "./gate-rows";

interface GatesCardProps {
  jobs: readonly JobDetail[];
  deployment: DeploymentOut | null;
  className?: string;
}

/** Whether the served model answers as the trained one, number by number. */
export function GatesCard({ jobs, deployment, className }: GatesCardProps) {
  const t = useTranslations("job.gates");
  const { dateTime } = useFormat();
  const report = deployment?.gates ?? jobs.find((job) => job.reports["gates"])?.reports["gates"];
  const verdict = readGates(report);
  const gates = verdict ? gateRows(verdict) : [];
  if (!verdict || gates.length === 0) return null;
  const isUsable = deployment?.state === "ready";
  return (
    <Card
      className={className}
      title={t("title")}
      aside={
        <>
          {verdict.acceptedAt && <span>{t("accepted", { date: dateTime(verdict.acceptedAt) })}</span>}
          {verdict.engine === "ollama" && <span className="whitespace-nowrap">{t("engine", { version: verdict.engineVersion ?? "–" })}</span>}
          {deployment && <span className="max-w-80 truncate font-mono max-sm:hidden"><PersonsName>{deployment.name}</PersonsName></span>}
          {deployment?.state === "rejected" && <UseAnyway deployment={deployment} />}
          {isUsable && (
            <LinkButton size="sm" href={tryPage(deployment)}>
              {t(deployment.predictor ? "try" : "chat")}
            </LinkButton>
          )}
        </>
      }
    >
      <div className="grid gap-4 pt-1.5">
        <CureList cures={verdict.cures} />
        <div className={cn("grid gap-x-6 gap-y-4 md:grid-cols-2", gates.length > 2 && "xl:grid-cols-3")}>
          {gates.map((gate) => (
            <GateBox key={gate.name} gate={gate} />
          ))}
        </div>
      </div>
    </Card>
  );
}

function GateBox({ gate }: { gate: GateRows }) {
  const t = useTranslations("job.gates");
  const locale = useLocale();
  const { number } = useFormat();
  const Mark = gate.passed ? Check : X;
  const show = (value: number) => (Number.isInteger(value) ? number(value) : value.toFixed(value < 0.01 ? 4 : 3));
  return (
    <section className="min-w-0">
      <div className="flex items-center gap-2">
        <Badge tone={gate.passed ? "good" : "bad"} mark={<Mark className="size-3" strokeWidth={3} aria-hidden />}>
          {t(gate.passed ? "green" : "red")}
        </Badge>
        <h3 className="font-medium">{t(`names.${gate.name}`)}</h3>
      </div>
      <p className="mt-1 text-xs text-ink-3">{t(`what.${gate.name}`)}</p>
      <FactList isSmall className="mt-1.5">
        {gate.numbers.map(({ name, value, limit, isGood }) => (
          <Fact key={name} name={t(`numbers.${name}`)} tone={isGood === false ? "bad" : "plain"}>
            <span className={cn("whitespace-nowrap", isGood === false && "font-medium")}>
              {show(value)}
              {limit !== null && <span className="ml-1 font-normal text-ink-3">{t("limit", { limit: show(limit) })}</span>}
            </span>
          </Fact>
        ))}
      </FactList>
      {gate.notes.map((note) => (
        <p key={note} className="mt-1.5 text-xs text-pretty text-ink-2">
          {t(`notes.${note}`)}
        </p>
      ))}
      {gate.faults.map((fault) => (
        <p key={fault.kind + fault.prompt + fault.words.ja} className="mt-2 text-pretty text-bad">
          {fault.words[locale]}
        </p>
      ))}
    </section>
  );
}

/** Asks for a person's last word. */
function UseAnyway({ deployment }: { deployment: DeploymentOut }) {
  const t = useTranslations("job.gates");
  const [isAsking, setAsking] = useState(false);
  return (
    <>
      <Button size="sm" variant="danger" aria-haspopup="dialog" aria-expanded={isAsking} onClick={() => setAsking(true)}>
        {t("anyway")}
      </Button>
      {isAsking && <AcceptDialog deployment={deployment} onClose={() => setAsking(false)} />}
    </>
  );
}
