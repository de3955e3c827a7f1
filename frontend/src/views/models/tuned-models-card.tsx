import { MessageSquare } from "lucide-react";
import { useLocale, useTranslations } from "next-intl";
import { useState } from "react";

import { Badge } from "@/components/ui/badge";
import { Button } from "@/components/ui/button";
import { Card } from "@/components/ui/card";
import { EmptyState } from "@/components/ui/empty-state";
import { Link } from "@/components/ui/link";
import { LinkButton } from "@/components/ui/link-button";
import { PersonsName } from "@/components/ui/persons-name";
import { ProblemState } from "@/components/ui/problem";
import { Table, Td, Th, Tr } from "@/components/ui/table";
import { shortName } from "@/entities/chat/choose";
import { DeploymentBadge } from "@/entities/model/deployment-badge";
import { EngineBadge } from "@/entities/model/engine-badge";
import { GateMarks } from "@/entities/model/gate-marks";
import { readGates } from "@/entities/model/gates";
import type { useDeployments } from "@/entities/model/queries";
import { useSystem } from "@/entities/system/queries";
import type { DeploymentOut } from "@/lib/api/generated/types.gen";
import { useFormat } from "@/lib/use-format";
import { chatWith, jobPage, newTraining } from "@/lib/routes";

import { DeployAgainDialog } from "./deploy-again-dialog";
import { DeploymentMenu } from "./deployment-menu";

interface TunedModelsCardProps {
  query: ReturnType<typeof useDeployments>;
  onOpen: (id: string) => void;
}

/** The models that came of trainings, and whether they answer as they were trained. */
export function TunedModelsCard({ query, onOpen }: TunedModelsCardProps) {
  const t = useTranslations("models.tuned");
  return (
    <Card title={t("title")} aside={t("description")} flush>
      <div className="min-h-24 max-sm:min-h-32">
        {query.isError && (
          <ProblemState problem={query.error} onRetry={() => void query.refetch()} className="m-3.5" />
        )}
        {query.isSuccess && query.deployments.length === 0 && (
          <EmptyState
            title={t("nothing")}
            description={t("nothingMore")}
            action={
              <LinkButton href={newTraining()} variant="primary">
                {t("train")}
              </LinkButton>
            }
          />
        )}
        {query.deployments.length > 0 && <Deployments deployments={query.deployments} onOpen={onOpen} />}
        {query.hasNextPage && (
          <div className="border-t p-2 text-center">
            <Button variant="quiet" size="sm" pending={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
              {t("more")}
            </Button>
          </div>
        )}
      </div>
    </Card>
  );
}

function Deployments({ deployments, onOpen }: { deployments: readonly DeploymentOut[]; onOpen: (id: string) => void }) {
  const t = useTranslations("models.tuned");
  return (
    <Table caption={t("title")}>
      <thead>
        <tr>
          <Th className="pl-3.5">{t("name")}</Th>
          <Th>{t("state")}</Th>
          <Th className="hidden md:table-cell">{t("checks")}</Th>
          <Th className="hidden lg:table-cell">{t("base")}</Th>
          <Th className="hidden lg:table-cell">{t("quantisation")}</Th>
          <Th className="hidden md:table-cell">{t("job")}</Th>
          <Th className="hidden xl:table-cell">{t("made")}</Th>
          <Th className="pr-3.5">
            <span className="sr-only">{t("actions")}</span>
          </Th>
        </tr>
      </thead>
      <tbody>
        {deployments.map((deployment) => (
          <DeploymentRow key={deployment.id} deployment={deployment} onOpen={() => onOpen(deployment.id)} />
        ))}
      </tbody>
    </Table>
  );
}

function DeploymentRow({ deployment, onOpen }: { deployment: DeploymentOut; onOpen: () => void }) {
  const t = useTranslations("models.tuned");
  const locale = useLocale();
  const format = useFormat();
  const ollama = useSystem().data?.ollama;
  const [isAsking, setAsking] = useState(false);
  const { name, base_reference: base, training_job_id: job } = deployment;
  const isAway = deployment.target === "ollama" && ollama !== undefined && ollama.state !== "running";
  return (
    <Tr>
      <Td className="pl-3.5">
        <span className="flex flex-wrap items-center gap-x-2 gap-y-1">
          <button type="button" onClick={onOpen} title={name} className="rounded-sm text-left font-medium hover:underline">
            <PersonsName>{shortName(name)}</PersonsName>
          </button>
          {isAway ? <Badge tone="caution">{t("ollamaAway")}</Badge> : <EngineBadge engine={deployment.target} />}
        </span>
      </Td>
      <Td>
        <DeploymentBadge deployment={deployment} />
        {deployment.deviation && (
          <p className="mt-0.5 max-w-72 text-xs text-pretty text-ink-3">
            {deployment.deviation[locale]}
          </p>
        )}
      </Td>
      <Td className="hidden md:table-cell">
        <GateMarks gates={deployment.gates} />
      </Td>
      <Td className="hidden text-ink-2 lg:table-cell">{base ? <PersonsName>{shortName(base)}</PersonsName> : t("baseGone")}</Td>
      <Td className="hidden text-ink-2 lg:table-cell">{quantisationWord(deployment, t("asTrained"))}</Td>
      <Td className="hidden md:table-cell">
        {job ? (
          <Link href={jobPage(job)} className="text-ai hover:underline">
            {t("toJob")}
          </Link>
        ) : (
          "–"
        )}
      </Td>
      <Td className="hidden whitespace-nowrap text-ink-2 xl:table-cell">
        {format.relative(deployment.created_at)}
      </Td>
      <Td className="pr-3.5">
        <div className="flex items-center justify-end gap-1">
          {deployment.deviation && (
            <Button size="sm" onClick={() => setAsking(true)}>
              {t(deployment.target === "ollama" ? "register" : "deploy")}
            </Button>
          )}
          {deployment.state === "ready" && (
            <LinkButton size="sm" href={chatWith(name)}>
              <MessageSquare aria-hidden />
              {t("chat")}
            </LinkButton>
          )}
          <DeploymentMenu deployment={deployment} onOpen={onOpen} />
          {isAsking && <DeployAgainDialog deployment={deployment} onClose={() => setAsking(false)} />}
        </div>
      </Td>
    </Tr>
  );
}

function quantisationWord({ files, tag, gates }: DeploymentOut, asTrained: string): string {
  const served = files ? files.base_quantisation : readGates(gates)?.quantisation;
  if (tag?.route === "merged") return tag.quantize === "none" ? "f16" : tag.quantize;
  return served === "trained_gguf" ? asTrained : (served ?? "–");
}
