"use client";

import { useTranslations } from "next-intl";
import type { Route } from "next";

import { LinkButton } from "@/components/ui/link-button";

import type { NextAction } from "./flow";
import { ADD_DATA, chatWith, jobPage, newTraining } from "@/lib/routes";

/** The one thing to do next, as a link to where it is done. */
export function NextButton({ next }: { next: NextAction }) {
  const t = useTranslations("home.next");
  return (
    <LinkButton href={hrefOf(next)} variant="primary">
      {t(next.do)}
    </LinkButton>
  );
}

function hrefOf(next: NextAction): Route {
  if (next.do === "add-data") return ADD_DATA;
  if (next.do === "start-training") return newTraining({ dataset: next.datasetId });
  if (next.do === "chat") return chatWith(next.model, next.base);
  return jobPage(next.jobId);
}
