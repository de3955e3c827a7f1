"use client";

import { useTranslations } from "next-intl";

import { shortName } from "@/entities/chat/choose";
import { leftOf } from "@/entities/job/progress";
import { useFormat } from "@/lib/use-format";

import { type Flow, type StepName, tellingOf } from "./flow";
import type { HomeFacts } from "./use-facts";

/** One line about each step: what is there, or what will happen. */
export function useStepWords(facts: HomeFacts | null): (step: StepName, flow: Flow) => string {
  const t = useTranslations("home.steps");
  const format = useFormat();
  return (step, flow) => {
    if (!facts || flow.states[step] === "todo") return t(`${step}.todo`);
    const training = tellingOf(facts.trainings);
    switch (step) {
      case "data": {
        return t("data.ready", { count: facts.datasetCount, name: facts.datasets[0]?.name ?? "" });
      }
      case "train": {
        const name = training?.name ?? facts.deployments.find((one) => one.training_job_id !== null)?.name ?? "";
        if (flow.states.train !== "active") return flow.states.train === "failed" ? t("train.failed", { name }) : t("train.ready", { name });
        const left = training ? leftOf(training) : null;
        if (training?.state !== "running") return t("train.queued", { name });
        return left === null ? t("train.waiting", { name }) : t("train.active", { name, left: format.duration(left) });
      }
      case "deploy": {
        const name = shortName(facts.deployments[0]?.name ?? "");
        return flow.states.deploy === "active" ? t("deploy.active") : t(flow.states.deploy === "failed" ? "deploy.failed" : "deploy.ready", { name });
      }
      case "chat":
        return t("chat.ready", { name: shortName(facts.deployments.find((one) => one.state === "ready")?.name ?? "") });
    }
  };
}
