import { useLocale, useTranslations } from "next-intl";
import type { ReactNode } from "react";

import { Badge } from "@/components/ui/badge";
import { Digest } from "@/components/ui/digest";
import { Fact, FactList } from "@/components/ui/fact-list";
import { Link } from "@/components/ui/link";
import { StateMark } from "@/components/ui/state-badge";
import { CureList } from "./cure-list";
import { type GateFault, type IdentityGate, type ParityGate, readGates, type StopGate } from "./gates";
import type { DeploymentOut } from "@/lib/api/generated/types.gen";
import { cn } from "@/lib/cn";
import { useFormat } from "@/lib/use-format";
import { jobPage } from "@/lib/routes";


/** What the checks measured, beside what is allowed. */
export function GatesPanel({ deployment }: { deployment: DeploymentOut }) {
  const t = useTranslations("models.gates");
  const format = useFormat();
  const gates = readGates(deployment.gates);
  return (
    <div className="grid gap-5">
      {gates?.acceptedAt && (
        <p className="rounded-md bg-caution-soft px-3 py-2 text-caution">
          {t("accepted", { moment: format.dateTime(gates.acceptedAt) })}
        </p>
      )}
      {gates && <CureList cures={gates.cures} />}
      {gates?.parity && <Parity gate={gates.parity} />}
      {gates?.stop && <Stop gate={gates.stop} />}
      {gates?.identity && <Identity gate={gates.identity} />}
      {!gates?.parity && !gates?.stop && (
        <p className="text-ink-2">{t(deployment.state === "checking" ? "running" : "none")}</p>
      )}
      {gates?.engine === "ollama" && <p className="text-xs text-ink-3">{t("engine", { version: gates.engineVersion ?? "–" })}</p>}
      {deployment.job_id && (
        <Link href={jobPage(deployment.job_id)} className="text-ai hover:underline">
          {t("toJob")}
        </Link>
      )}
    </div>
  );
}

function Parity({ gate }: { gate: ParityGate }) {
  const t = useTranslations("models.gates.parity");
  const format = useFormat();
  const count = (value: number | null) => format.number(value);
  return (
    <Gate name={t("name")} description={t(gate.textsOnly ? "textsOnly" : "description")} passed={gate.passed} faults={gate.faults}>
      {!gate.textsOnly && (
        <>
          <Limited name={t("mean")} value={gate.meanDelta} limit={gate.tolerance.mean} />
          <Limited name={t("largest")} value={gate.largestDelta} limit={gate.tolerance.largest} />
          {gate.alternativesDelta !== null && <Limited name={t("alternatives")} value={gate.alternativesDelta} limit={gate.tolerance.alternatives} />}
          {gate.adapterEffect !== null && <Fact name={t("effect")}>{format.metric(gate.adapterEffect)}</Fact>}
          {gate.tellsAdapterFromBase !== null && <Fact name={t("tells")}>{t(gate.tellsAdapterFromBase ? "yes" : "no")}</Fact>}
        </>
      )}
      {gate.divergedPrompts !== null && <Fact name={t("diverged")}>{t("of", { part: count(gate.divergedPrompts), whole: count(gate.prompts) })}</Fact>}
      {!gate.textsOnly && gate.comparedTokens !== null && <Fact name={t("tokens")}>{count(gate.comparedTokens)}</Fact>}
    </Gate>
  );
}

function Identity({ gate }: { gate: IdentityGate }) {
  const t = useTranslations("models.gates.identity");
  const [adapter] = gate.adapterDigests;
  return (
    <Gate name={t("name")} description={t(gate.rewritten ? "rewritten" : "description")} passed={gate.passed} faults={gate.faults}>
      <Fact name={t("weights")}>
        <Digest value={gate.modelDigest} label={t("copy")} />
      </Fact>
      {adapter && (
        <Fact name={t("adapter")}>
          <Digest value={adapter} label={t("copy")} />
        </Fact>
      )}
      <Fact name={t("sealed")}>{t(gate.sealed ? "yes" : "no")}</Fact>
    </Gate>
  );
}

function Stop({ gate }: { gate: StopGate }) {
  const t = useTranslations("models.gates.stop");
  const format = useFormat();
  return (
    <Gate name={t("name")} description={t("description")} passed={gate.passed} faults={gate.faults}>
      <Fact name={t("prompts")}>{format.number(gate.prompts)}</Fact>
      <Fact name={t("stops")}>{format.number(gate.referenceStops)}</Fact>
    </Gate>
  );
}

/** A distance as a number and as a bar that is full where the limit is. */
function Limited({ name, value, limit }: { name: string; value: number | null; limit: number | null }) {
  const t = useTranslations("models.gates");
  const format = useFormat();
  const ratio = value === null || !limit ? null : Math.min(1, value / limit);
  const isOver = value !== null && limit !== null && value > limit;
  return (
    <Fact name={name}>
      <span className="inline-flex items-center gap-2">
        {ratio !== null && (
          <span aria-hidden className="h-1 w-10 shrink-0 overflow-hidden rounded-full bg-line sm:w-16">
            <span
              className={cn("block h-full min-w-px rounded-full", isOver ? "bg-bad-mark" : "bg-good-mark")}
              style={{ width: `${ratio * 100}%` }}
            />
          </span>
        )}
        <span className={cn("w-13 whitespace-nowrap", isOver && "font-medium text-bad")}>{format.metric(value)}</span>
        <span className="w-12 text-xs whitespace-nowrap text-ink-3">{t("limit", { limit: format.number(limit) })}</span>
      </span>
    </Fact>
  );
}

interface GateProps {
  name: string;
  description: string;
  passed: boolean;
  faults: readonly GateFault[];
  children: ReactNode;
}

function Gate({ name, description, passed, faults, children }: GateProps) {
  const t = useTranslations("models.gates");
  return (
    <section className="grid gap-1.5">
      <div className="flex items-center gap-2">
        <h3 className="font-semibold">{name}</h3>
        <Badge tone={passed ? "good" : "bad"} mark={<StateMark state={passed ? "completed" : "failed"} />}>
          {t(passed ? "passed" : "failed")}
        </Badge>
      </div>
      <p className="text-xs text-pretty text-ink-3">{description}</p>
      {faults.map((fault, place) => (
        <Fault key={place} fault={fault} />
      ))}
      <FactList>{children}</FactList>
    </section>
  );
}

function Fault({ fault }: { fault: GateFault }) {
  const t = useTranslations("models.gates");
  const locale = useLocale();
  return (
    <div className="grid gap-1.5 rounded-md bg-bad-soft px-3 py-2">
      <p>{fault.words[locale]}</p>
      <dl className="grid gap-0.5 text-xs text-ink-2">
        <Said name={t("prompt")} text={fault.prompt} />
        <Said name={t("expected")} text={fault.expected} />
        <Said name={t("served")} text={fault.served} />
      </dl>
    </div>
  );
}

function Said({ name, text }: { name: string; text: string }) {
  if (!text) return null;
  return (
    <div className="flex gap-2">
      <dt className="w-16 shrink-0 text-ink-3">{name}</dt>
      <dd className="min-w-0 whitespace-pre-wrap">{text}</dd>
    </div>
  );
}
