import { useQuery } from "@tanstack/react-query";
import type { Route } from "next";
import { useTranslations } from "next-intl";

import { Button } from "@/components/ui/button";
import { LinkButton } from "@/components/ui/link-button";
import { shortName } from "@/entities/chat/choose";
import { firstQuestions } from "@/entities/chat/first-questions";
import { useDatasetRows } from "@/entities/dataset/queries";
import { jobDetailOptions } from "@/entities/job/queries";
import { useAnswering } from "@/entities/model/queries";
import { newTraining } from "@/lib/routes";

import { ROWS } from "./reads";
import type { Chat } from "./use-chat";

/** Before the first question: questions the model was trained on, one click from an answer. */
export function FirstPrompts({ chat }: { chat: Chat }) {
  const t = useTranslations("chat.empty");
  const { left } = chat.chosen;
  const tuned = useAnswering(left);
  const hasTuned = chat.models.data?.some((one) => one.kind === "deployment") ?? false;
  if (left === null) return <NoModel />;
  return (
    <div className="grid gap-4 pt-2 sm:pt-8">
      <div>
        <p className="text-base font-semibold text-balance">{t("title", { model: shortName(left) })}</p>
        <p className="mt-0.5 max-w-2xl text-pretty text-ink-2">{t(tuned ? "tuned" : hasTuned ? "base" : "untuned")}</p>
      </div>
      {tuned?.training_job_id ? <TrainedPrompts chat={chat} jobId={tuned.training_job_id} /> : <CommonPrompts chat={chat} />}
      {!hasTuned && (
        <div>
          <LinkButton href={newTraining()}>{t("train")}</LinkButton>
        </div>
      )}
    </div>
  );
}

function NoModel() {
  const t = useTranslations("chat.empty");
  return (
    <div className="grid justify-items-center gap-3 py-12 text-center">
      <div>
        <p className="text-base font-semibold">{t("noModel")}</p>
        <p className="mt-1 max-w-md text-pretty text-ink-2">{t("noModelText")}</p>
      </div>
      <div className="flex flex-wrap justify-center gap-2">
        <LinkButton href={newTraining()} variant="primary">
          {t("train")}
        </LinkButton>
        <LinkButton href={"/models" as Route}>{t("toModels")}</LinkButton>
      </div>
    </div>
  );
}

function TrainedPrompts({ chat, jobId }: { chat: Chat; jobId: string }) {
  const job = useQuery(jobDetailOptions(jobId));
  const datasetId = job.data?.inputs.dataset_id;
  if (datasetId) return <DatasetPrompts chat={chat} datasetId={datasetId} />;
  return job.isPending ? <div className="h-7" /> : <CommonPrompts chat={chat} />;
}

function DatasetPrompts({ chat, datasetId }: { chat: Chat; datasetId: string }) {
  const t = useTranslations("chat.empty");
  const rows = useDatasetRows(datasetId, 0, ROWS);
  if (rows.isPending) return <div className="h-7" />;
  const questions = firstQuestions(rows.data?.data ?? []);
  if (questions.length === 0) return <CommonPrompts chat={chat} />;
  return <Prompts chat={chat} label={t("fromDataset")} questions={questions} />;
}

function CommonPrompts({ chat }: { chat: Chat }) {
  const t = useTranslations("chat.empty");
  return <Prompts chat={chat} label={t("suggestions")} questions={[t("first"), t("second"), t("third")]} />;
}

function Prompts({ chat, label, questions }: { chat: Chat; label: string; questions: readonly string[] }) {
  return (
    <div className="grid gap-1.5">
      <p className="text-xs text-ink-3">{label}</p>
      <ul className="flex flex-wrap gap-2">
        {questions.map((question) => (
          <li key={question} className="max-w-full">
            <Button
              disabled={chat.isPreparing || !chat.settings.isValid}
              onClick={() => void chat.send(question)}
              className="h-auto min-h-7 max-w-full py-1 text-left font-normal whitespace-normal"
            >
              {question}
            </Button>
          </li>
        ))}
      </ul>
    </div>
  );
}
