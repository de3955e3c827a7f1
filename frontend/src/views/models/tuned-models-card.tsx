import { MessageSquare } from "lucide-react";
import { useLocale, useTranslations } from "next-intl";
import { useMemo, useState } from "react";

import { Badge } from "@/components/ui/badge";
import { Button } from "@/components/ui/button";
import { Card } from "@/components/ui/card";
import { DataTable } from "@/components/ui/data-table";
import { EmptyState } from "@/components/ui/empty-state";
import { Link } from "@/components/ui/link";
import { ListTotals } from "@/components/ui/list-totals";
import { LinkButton } from "@/components/ui/link-button";
import { PersonsName } from "@/components/ui/persons-name";
import { QueryBoundary } from "@/components/ui/query-boundary";
import { ROW_LINK } from "@/components/ui/row-walk";
import type { Column } from "@/components/ui/table-columns";
import { shortName } from "@/entities/chat/choose";
import { TagChips } from "@/entities/label/tag-chips";
import { useDoomedDeployment } from "@/entities/model/use-doomed";
import { DeploymentBadge, standingOf } from "@/entities/model/deployment-badge";
import { EngineBadge, useEngineName } from "@/entities/model/engine-badge";
import { GateMarks } from "@/entities/model/gate-marks";
import { readGates } from "@/entities/model/gates";
import type { useDeployments } from "@/entities/model/queries";
import { useServers } from "@/entities/target/registry";
import { useRecipeBook } from "@/entities/recipe/queries";
import type { DeploymentOut } from "@/lib/api/generated/types.gen";
import { NOTHING } from "@/lib/format";
import { useFormat } from "@/lib/use-format";
import { jobPage, newTraining, tryPage } from "@/lib/routes";

import { DeployAgainDialog } from "./deploy-again-dialog";
import { DeploymentMenu } from "./deployment-menu";
import { useModelRows } from "./use-model-rows";

interface TunedModelsCardProps {
  query: ReturnType<typeof useDeployments>;
  onOpen: (id: string) => void;
}

/** The models that came of trainings, and whether they answer as they were trained. */
export function TunedModelsCard({ query, onOpen }: TunedModelsCardProps) {
  const t = useTranslations("models.tuned");
  const columns = useDeploymentColumns(onOpen);
  const { rows, selection, bar } = useModelRows("deployment", query.deployments, { idOf, nameOf, doomed: useDoomedDeployment() });
  return (
    <Card title={t("title")} aside={t("description")} flush>
      <div className={query.data ? undefined : "min-h-24 max-sm:min-h-32"}>
        <QueryBoundary
          query={query}
          waiting={null}
          problemClassName="m-3.5"
          isEmpty={rows.length === 0}
          empty={
            <EmptyState
              title={t("nothing")}
              description={t("nothingMore")}
              action={
                <LinkButton href={newTraining()} variant="primary">
                  {t("train")}
                </LinkButton>
              }
            />
          }
        >
          <DataTable
            name="tuned-models"
            caption={t("title")}
            columns={columns}
            rows={rows}
            rowId={idOf}
            selection={selection}
            isPartial={query.hasNextPage}
          />
        </QueryBoundary>
        {query.total !== undefined && query.total > 0 && <ListTotals className="border-t px-3.5 py-2" parts={[t("count", { count: query.total })]} />}
        {query.hasNextPage && (
          <div className="border-t p-2 text-center">
            <Button variant="quiet" size="sm" pending={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
              {t("more")}
            </Button>
          </div>
        )}
      </div>
      {bar}
    </Card>
  );
}

function nameOf({ name }: DeploymentOut): string {
  return shortName(name);
}

function idOf({ id }: DeploymentOut): string {
  return id;
}

function useDeploymentColumns(onOpen: (id: string) => void): Column<DeploymentOut>[] {
  const t = useTranslations("models.tuned");
  const states = useTranslations("models.states");
  const locale = useLocale();
  const format = useFormat();
  return useMemo(
    () => [
      {
        id: "name",
        label: t("name"),
        value: ({ name }) => shortName(name),
        text: ({ name }) => name,
        cell: (deployment) => <Name deployment={deployment} onOpen={() => onOpen(deployment.id)} />,
      },
      {
        id: "state",
        label: t("state"),
        value: (deployment) => states(standingOf(deployment)),
        cell: (deployment) => (
          <>
            <DeploymentBadge deployment={deployment} />
            {deployment.deviation && <p className="mt-0.5 max-w-72 text-xs text-pretty text-ink-3">{deployment.deviation[locale]}</p>}
          </>
        ),
      },
      { id: "checks", label: t("checks"), from: "md", cell: ({ gates }) => <GateMarks gates={gates} /> },
      {
        id: "base",
        label: t("base"),
        from: "lg",
        className: "text-ink-2",
        value: ({ base_reference: base }) => base && shortName(base),
        cell: ({ base_reference: base }) => (base ? <PersonsName>{shortName(base)}</PersonsName> : t("baseGone")),
      },
      {
        id: "quantisation",
        label: t("quantisation"),
        from: "lg",
        className: "text-ink-2",
        value: (deployment) => quantisationWord(deployment, t("asTrained")),
        cell: (deployment) => quantisationWord(deployment, t("asTrained")),
      },
      {
        id: "job",
        label: t("job"),
        from: "md",
        cell: ({ training_job_id: job }) =>
          job ? (
            <Link href={jobPage(job)} className="text-ai hover:underline">
              {t("toJob")}
            </Link>
          ) : (
            NOTHING
          ),
      },
      {
        id: "made",
        label: t("made"),
        from: "xl",
        className: "whitespace-nowrap text-ink-2",
        value: ({ created_at: at }) => Date.parse(at),
        text: ({ created_at: at }) => at,
        cell: ({ created_at: at }) => format.relative(at),
      },
      {
        id: "actions",
        label: t("actions"),
        hideLabel: true,
        cell: (deployment) => <Actions deployment={deployment} onOpen={() => onOpen(deployment.id)} />,
      },
    ],
    [t, states, locale, format, onOpen],
  );
}

interface DeploymentProps {
  deployment: DeploymentOut;
  onOpen: () => void;
}

function Name({ deployment: { name, target, tags }, onOpen }: DeploymentProps) {
  const t = useTranslations("models.tuned");
  const nameOf = useEngineName();
  const server = useServers()[target];
  const isAway = server !== undefined && server !== "unknown" && server !== "running";
  return (
    <span className="flex flex-wrap items-center gap-x-2 gap-y-1">
      <button {...ROW_LINK} type="button" aria-haspopup="dialog" onClick={onOpen} title={name} className="rounded-sm text-left font-medium hover:underline">
        <PersonsName>{shortName(name)}</PersonsName>
      </button>
      {isAway ? <Badge tone="caution">{t("away", { target: nameOf(target) })}</Badge> : <EngineBadge engine={target} />}
      <TagChips tags={tags} list="/models" most={3} />
    </span>
  );
}

function Actions({ deployment, onOpen }: DeploymentProps) {
  const t = useTranslations("models.tuned");
  const [isAsking, setAsking] = useState(false);
  const hasTags = useRecipeBook().target(deployment.target)?.has_tags ?? false;
  return (
    <div className="flex items-center justify-end gap-1">
      {deployment.deviation && (
        <Button size="sm" onClick={() => setAsking(true)}>
          {t(hasTags ? "register" : "deploy")}
        </Button>
      )}
      {deployment.state === "ready" && (
        <LinkButton size="sm" href={tryPage(deployment)}>
          <MessageSquare aria-hidden />
          {t(deployment.predictor ? "try" : "chat")}
        </LinkButton>
      )}
      <DeploymentMenu deployment={deployment} onOpen={onOpen} />
      {isAsking && <DeployAgainDialog deployment={deployment} onClose={() => setAsking(false)} />}
    </div>
  );
}

function quantisationWord({ files, tag, gates }: DeploymentOut, asTrained: string): string {
  const served = files ? files.base_quantisation : readGates(gates)?.quantisation;
  if (tag?.route === "merged") return tag.quantize === "none" ? "f16" : tag.quantize;
  return served === "trained_gguf" ? asTrained : (served ?? "–");
}
