"use client";

import { useTranslations } from "next-intl";

import { PersonsName } from "@/components/ui/persons-name";
import { Card } from "@/components/ui/card";
import { EmptyState } from "@/components/ui/empty-state";
import { Link } from "@/components/ui/link";
import { LinkButton } from "@/components/ui/link-button";
import { Loading, Skeleton } from "@/components/ui/skeleton";
import { shortName } from "@/entities/chat/choose";
import type { DeploymentOut } from "@/lib/api/generated/types.gen";
import { useFormat } from "@/lib/use-format";

import { chatWith } from "@/lib/routes";
import { StepMark } from "./step-mark";
import type { HomeFacts } from "./use-facts";

const MARK = { checking: "active", ready: "ready", rejected: "failed", changed: "failed", gone: "failed" } as const;

const ROWS = 6;

/** Tuned models that answer, each one click from its first answer; then the newest of the others. */
export function ModelsCard({ facts }: { facts: HomeFacts | null }) {
  const t = useTranslations("home.models");
  return (
    <Card
      flush
      title={t("title")}
      aside={
        <Link href="/models" className="rounded-sm hover:text-ink">
          {facts && facts.deploymentCount > 0 ? t("allOf", { count: facts.deploymentCount }) : t("all")}
        </Link>
      }
    >
      {!facts && (
        <Loading className="grid gap-3 border-t p-3.5">
          <Skeleton className="w-2/3" />
          <Skeleton className="w-1/2" />
        </Loading>
      )}
      {facts?.deployments.length === 0 && <EmptyState className="py-8" title={t("emptyTitle")} description={t("emptyDescription")} />}
      {facts && facts.deployments.length > 0 && (
        <ul className="divide-y border-t">
          {shownOf(facts.deployments).map((model) => (
            <ModelRow key={model.id} model={model} />
          ))}
        </ul>
      )}
    </Card>
  );
}

/** Those that answer stand first, then what is being checked, each newest first. */
export function shownOf(deployments: readonly DeploymentOut[]): DeploymentOut[] {
  const rank = ({ state }: DeploymentOut) => (state === "ready" ? 0 : state === "checking" ? 1 : 2);
  return [...deployments].sort((one, other) => rank(one) - rank(other)).slice(0, ROWS);
}

function ModelRow({ model }: { model: DeploymentOut }) {
  const t = useTranslations("home.models");
  const format = useFormat();
  const isReady = model.state === "ready";
  return (
    <li className="flex min-h-14 items-center gap-3 px-3.5 py-2">
      <div className="min-w-0 grow">
        <p className="truncate font-medium" title={model.name} translate="no">
          <PersonsName>{shortName(model.name)}</PersonsName>
        </p>
        <p className="flex items-center gap-2.5 text-xs text-ink-3">
          <StepMark state={MARK[model.state]} word={t(`states.${model.state}`)} />
          {format.relative(model.ready_at ?? model.created_at)}
        </p>
      </div>
      {isReady ? (
        <LinkButton href={chatWith(model.name, model.base_reference)} aria-label={t("chatWith", { name: model.name })}>
          {t("chat")}
        </LinkButton>
      ) : (
        <LinkButton href="/models" variant="quiet" aria-label={t("seeOf", { name: model.name })}>
          {t("see")}
        </LinkButton>
      )}
    </li>
  );
}
