"use client";

import dynamic from "next/dynamic";
import { useLocale } from "next-intl";
import type { ComponentType, ReactNode } from "react";

import { Card } from "@/components/ui/card";
import { Fact, FactList } from "@/components/ui/fact-list";
import { useRecipeBook } from "@/entities/recipe/queries";
import type { JobDetail, RecipeOut } from "@/lib/api/generated/types.gen";
import { useFormat } from "@/lib/use-format";

const EvaluationPanel = dynamic(() => import("@/entities/evaluation/evaluation-panel").then((loaded) => loaded.EvaluationPanel));
const ClassBalance = dynamic(() => import("@/entities/dataset/kinds/class-balance").then((loaded) => loaded.ClassBalance));

type Panel = ComponentType<{ job: JobDetail }>;

/** Reports with a card of their own, which stands beside the first chart, before anything is known. */
const BESIDE: Readonly<Record<string, Panel>> = {
  ledger: dynamic(() => import("@/entities/job/ledger-card").then((loaded) => loaded.LedgerCard)),
};

/** Reports with a card of their own, once they are there. */
const BELOW: Readonly<Record<string, Panel>> = {
  forgetting: dynamic(() => import("./forgetting-card").then((loaded) => loaded.ForgettingCard)),
  coreml: dynamic(() => import("./coreml-card").then((loaded) => loaded.CoremlCard)),
  classes: ({ job }) => <ClassBalance facts={job.reports["classes"] ?? {}} />,
  evaluation: ({ job }) => job.evaluation_id && <EvaluationPanel id={job.evaluation_id} />,
};

/** Those that the page draws elsewhere: of a deployment, from its row. */
const ELSEWHERE = new Set(["gates"]);

/** What stands beside the first chart of a job; null where its recipe leaves nothing of that kind. */
export function besideCharts(job: JobDetail, recipe: RecipeOut): ReactNode {
  const panels = Object.keys(recipe.reports).flatMap((name) => {
    const Panel = BESIDE[name];
    return Panel ? [<Panel key={name} job={job} />] : [];
  });
  return panels.length > 0 ? panels : null;
}

/** What a job has reported. A report that no card was made for shows its facts. */
export function ReportCards({ job }: { job: JobDetail }) {
  const locale = useLocale();
  const declared = useRecipeBook().of(job.recipe)?.reports ?? {};
  return Object.entries(declared).map(([name, title]) => {
    const body = job.reports[name];
    if (body === undefined || ELSEWHERE.has(name) || name in BESIDE) return null;
    const Panel = BELOW[name];
    return Panel ? <Panel key={name} job={job} /> : <PlainReport key={name} title={title[locale]} body={body} />;
  });
}

function PlainReport({ title, body }: { title: string; body: Readonly<Record<string, unknown>> }) {
  const { metric } = useFormat();
  const written = (value: unknown): string => {
    if (typeof value === "number") return Number.isInteger(value) ? String(value) : metric(value);
    return typeof value === "string" ? value : JSON.stringify(value);
  };
  return (
    <Card title={title}>
      <FactList>
        {Object.entries(body).map(([name, value]) => (
          <Fact key={name} name={name.replaceAll("_", " ")}>
            <span className="break-words">{written(value)}</span>
          </Fact>
        ))}
      </FactList>
    </Card>
  );
}
