"use client";

import { useLocale, useTranslations } from "next-intl";

import { Card } from "@/components/ui/card";
import { Fact, FactList } from "@/components/ui/fact-list";
import { Link } from "@/components/ui/link";
import { StateMark } from "@/components/ui/state-badge";
import { OllamaMark } from "@/entities/ollama/ollama-mark";
import type { InferenceServerOut, OllamaStatus, SystemOut, WorkerOut } from "@/lib/api/generated/types.gen";
import { OLLAMA_MODELS } from "@/lib/routes";
import { useFormat } from "@/lib/use-format";

import { WaitingLines } from "./waiting-lines";

/** The programs that do the work. */
export function ServicesCard({ system }: { system: SystemOut | undefined }) {
  const t = useTranslations("system.services");
  return (
    <Card flush title={t("title")}>
      {!system && <WaitingLines count={5} />}
      {system && (
        <FactList isFlush>
          {system.services.map((service) => {
            const runs = service.state === "running";
            return (
              <Fact
                key={service.name}
                name={t(`names.${service.name}`)}
                hint={service.managed ? t("managed") : t("external")}
                tone={runs ? "good" : "bad"}
              >
                <Running runs={runs} words={runs ? t("running") : t("stopped")} />
              </Fact>
            );
          })}
          {system.workers?.map((worker) => <WorkerFact key={worker.id} worker={worker} />)}
          {system.inference_servers.map((server) => (
            <ServerFact key={server.pid} server={server} />
          ))}
          <OllamaFact status={system.ollama} />
        </FactList>
      )}
    </Card>
  );
}

function WorkerFact({ worker }: { worker: WorkerOut }) {
  const t = useTranslations("system.services");
  const format = useFormat();
  return (
    <Fact name={t("worker")} hint={`${worker.host} · PID ${worker.pid}`} tone={worker.alive ? "good" : "bad"}>
      <Running
        runs={worker.alive}
        words={worker.alive ? t("since", { time: format.relative(worker.started_at) }) : t("silent", { time: format.relative(worker.seen_at) })}
      />
    </Fact>
  );
}

function ServerFact({ server }: { server: InferenceServerOut }) {
  const t = useTranslations("system.services");
  const format = useFormat();
  const file = server.model.split("/").pop() ?? server.model;
  const words = server.in_use ? t("answering") : t("idle");
  return (
    <Fact
      name={<span className="break-all">{file}</span>}
      hint={`${server.engine} · ${t("adapters", { count: server.adapters.length })} · ${format.bytes(server.rss_bytes)}`}
      tone={server.alive ? "good" : "bad"}
    >
      <Running runs={server.alive} words={server.alive ? words : t("stopped")} />
    </Fact>
  );
}

/** A neighbour: only where it fails something is wrong. */
function OllamaFact({ status }: { status: OllamaStatus }) {
  const t = useTranslations("system.services.ollama");
  const locale = useLocale();
  const detail = locale === "ja" ? status.detail_ja : status.detail_en;
  const isFailing = status.state === "failing";
  return (
    <>
      <Fact
        name={
          <Link href={OLLAMA_MODELS} className="rounded-sm hover:underline">
            {t("name")}
          </Link>
        }
        hint={<span className="break-all">{[t("hint"), status.version, status.base_url].filter(Boolean).join(" · ")}</span>}
        tone={status.state === "running" ? "good" : isFailing ? "caution" : "plain"}
      >
        <span className="inline-flex items-center gap-1.5 whitespace-nowrap">
          <OllamaMark state={status.state} />
          {t(status.state)}
        </span>
      </Fact>
      {isFailing && detail && <OllamaCure words={detail} />}
      {status.is_old && <OllamaCure words={t("old")} />}
    </>
  );
}

function OllamaCure({ words }: { words: string }) {
  return <Fact name={<span className="text-xs text-pretty text-caution">{words}</span>}>{null}</Fact>;
}

function Running({ runs, words }: { runs: boolean; words: string }) {
  return (
    <span className="inline-flex items-center gap-1.5 whitespace-nowrap">
      <StateMark state={runs ? "completed" : "failed"} />
      {words}
    </span>
  );
}
