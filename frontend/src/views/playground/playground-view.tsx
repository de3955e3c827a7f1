"use client";

import { useMutation } from "@tanstack/react-query";
import { FlaskConical } from "lucide-react";
import { useTranslations } from "next-intl";
import { parseAsString, useQueryState } from "nuqs";

import { Page } from "@/components/layout/page";
import { Button } from "@/components/ui/button";
import { Card } from "@/components/ui/card";
import { EmptyState } from "@/components/ui/empty-state";
import { LinkButton } from "@/components/ui/link-button";
import { ProblemState } from "@/components/ui/problem";
import { QueryBoundary } from "@/components/ui/query-boundary";
import { Select } from "@/components/ui/select";
import { Loading, Skeleton } from "@/components/ui/skeleton";
import { useStoredText } from "@/entities/chat/use-stored-text";
import { useDeployments } from "@/entities/model/queries";
import { predictWithDeployment } from "@/lib/api/generated/sdk.gen";
import type { DeployedPredictor, DeploymentOut } from "@/lib/api/generated/types.gen";

import { AnswerCard } from "./answer-card";
import { type Asked, readHistory, withAsked } from "./history";
import { HistoryCard } from "./history-card";
import { INPUT_TYPES } from "./inputs/input-types";
import { MOST_ITEMS } from "./inputs/text-input";
import { LOOKED_THROUGH } from "./reads";

type Predicting = DeploymentOut & { predictor: DeployedPredictor };

/** A deployed model that predicts, tried: something goes in, labels with their shares come out. */
export function PlaygroundView() {
  const t = useTranslations("playground");
  const query = useDeployments({}, LOOKED_THROUGH);
  const models = query.deployments.filter((one): one is Predicting => one.predictor != null && one.state === "ready");
  const [named, setNamed] = useQueryState("deployment", parseAsString);
  const model = models.find(({ id }) => id === named) ?? models[0];
  return (
    <Page title={t("title")} description={t("description")}>
      <QueryBoundary
        query={query}
        waiting={<Loading className="grid gap-3 lg:grid-cols-2"><Skeleton className="h-60 rounded-lg" /><Skeleton className="h-60 rounded-lg" /></Loading>}
        isEmpty={!model}
        empty={
          <Card flush>
            <EmptyState
              icon={<FlaskConical aria-hidden />}
              title={t("empty.title")}
              description={t("empty.description")}
              action={<LinkButton variant="primary" href="/training">{t("empty.action")}</LinkButton>}
            />
          </Card>
        }
      >
        {model && <Trying key={model.id} model={model} models={models} onModel={(id) => void setNamed(id)} />}
      </QueryBoundary>
    </Page>
  );
}

interface TryingProps {
  model: Predicting;
  models: readonly Predicting[];
  onModel: (id: string) => void;
}

function Trying({ model, models, onModel }: TryingProps) {
  const t = useTranslations("playground");
  const { Input, itemsOf } = INPUT_TYPES[model.predictor.input];
  const [draft, setDraft] = useStoredText(`playground.draft.${model.predictor.input}`);
  const [kept, setKept] = useStoredText("playground.history");
  const [shownId, setShownId] = useStoredText(`playground.shown.${model.id}`);
  const history = readHistory(kept).filter(({ deploymentId }) => deploymentId === model.id);
  const shown = history.find(({ id }) => id === shownId) ?? history[0];
  const items = itemsOf(draft, model.predictor);
  const predict = useMutation({
    mutationFn: async (asked: string) =>
      (await predictWithDeployment({ path: { deployment_id: model.id }, body: { items: itemsOf(asked, model.predictor) }, throwOnError: true })).data,
    onSuccess: (answer, asked) => {
      const one: Asked = { id: crypto.randomUUID(), deploymentId: model.id, draft: asked, answer };
      setKept(withAsked(readHistory(kept), one));
      setShownId(one.id);
    },
  });
  const canAsk = items.length > 0 && items.length <= MOST_ITEMS && !predict.isPending;
  const ask = () => {
    if (canAsk) predict.mutate(draft);
  };
  return (
    <div className="grid grid-cols-[minmax(0,1fr)] items-start gap-3 lg:grid-cols-[minmax(0,1fr)_minmax(0,1fr)]">
      <div className="grid grid-cols-[minmax(0,1fr)] gap-3">
        <Card title={t("input")}>
          <div className="grid gap-3">
            <Select label={t("model")} value={model.id} onChange={onModel} options={models.map(({ id, name }) => ({ value: id, label: name }))} />
            <Input draft={draft} predictor={model.predictor} onDraft={setDraft} onAsk={ask} />
            <div>
              <Button variant="primary" disabled={!canAsk} pending={predict.isPending} onClick={ask}>{t("ask")}</Button>
            </div>
            <ProblemState problem={predict.error} onRetry={ask} retrying={predict.isPending} />
          </div>
        </Card>
        <HistoryCard
          history={history}
          shown={shown?.id}
          onShow={(one) => {
            setDraft(one.draft);
            setShownId(one.id);
          }}
          onForget={() => setKept("")}
        />
      </div>
      <AnswerCard shown={shown} predictor={model.predictor} />
    </div>
  );
}
