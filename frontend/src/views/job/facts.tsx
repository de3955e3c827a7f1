"use client";

import { useQuery } from "@tanstack/react-query";
import { useLocale, useTranslations } from "next-intl";
import { Fragment, type ReactNode } from "react";

import { Link } from "@/components/ui/link";
import { PersonsName } from "@/components/ui/persons-name";
import { useDatasetNames } from "@/entities/job/use-job-names";
import { durationS, useNow } from "@/entities/job/job-time";
import { chosenBy } from "@/entities/forecast/chosen";
import { jobDetailOptions } from "@/entities/job/queries";
import { useBaseModel } from "@/entities/model/queries";
import { useRecipeBook } from "@/entities/recipe/queries";
import { settingsOf } from "@/entities/recipe/settings";
import { valueWords } from "@/entities/recipe/value-words";
import type { ArtifactOut, JobDetail } from "@/lib/api/generated/types.gen";
import { isFinal } from "@/lib/live/reducer";
import { useFormat } from "@/lib/use-format";
import { datasetPage, jobPage } from "@/lib/routes";
import { valueText } from "./config-rows";
import { baseIdOf } from "./reads";

const NO_SWITCH = { on: "", off: "" };

/** The line under the title: what is trained on what, since when, which attempt. */
export function Facts({ job }: { job: JobDetail }) {
  const t = useTranslations("job.facts");
  const locale = useLocale();
  const recipe = useRecipeBook().of(job.recipe);
  const { dateTime } = useFormat();
  const { base_model: base, dataset_id: dataset } = job.inputs;
  const chosen = chosenBy(job.forecast);
  const shown = settingsOf(recipe?.config_schema ?? {}).filter(({ name }) => recipe?.facts.includes(name) || chosen.has(name));
  const facts: ReactNode[] = [
    !recipe?.default && (recipe?.title[locale] ?? job.recipe),
    base && <BaseFact id={baseIdOf(job)} reference={base} />,
    dataset && <DatasetFact id={dataset} />,
    ...shown.map((setting) => {
      const given = job.config[setting.name];
      const value = typeof given === "boolean" ? null : (valueWords(setting, given, locale, NO_SWITCH) ?? valueText(given));
      return value !== null && t(chosen.has(setting.name) ? "chosen" : "setting", { name: setting.title[locale], value });
    }),
    job.started_at ? t("started", { date: dateTime(job.started_at) }) : t("created", { date: dateTime(job.created_at) }),
    job.started_at && <Duration job={job} />,
    <Attempt key="attempt" job={job} />,
  ].filter(Boolean);
  return (
    <p className="flex flex-wrap items-center gap-x-1.5">
      {facts.map((fact, place) => (
        <Fragment key={place}>
          {place > 0 && <span aria-hidden className="text-ink-3 last:hidden">·</span>}
          {fact}
        </Fragment>
      ))}
    </p>
  );
}

/** A base model that is given by its number is shown by what it was brought in as. */
function BaseFact({ id, reference }: { id: string | null; reference: string }) {
  const { data } = useBaseModel(id);
  const known = data?.reference ?? reference;
  return <span title={known}><PersonsName>{nameOf(known)}</PersonsName></span>;
}

function DatasetFact({ id }: { id: string }) {
  const t = useTranslations("job.facts");
  const name = useDatasetNames([id]).get(id);
  if (name === null) return <span>{t("datasetGone")}</span>;
  return (
    <span className="inline-flex items-center gap-1">
      {t("dataset")}
      <Link href={datasetPage(id)} className="underline decoration-line-strong underline-offset-3 hover:decoration-current">
        <PersonsName>{name ?? "…"}</PersonsName>
      </Link>
    </span>
  );
}

function Duration({ job }: { job: JobDetail }) {
  const t = useTranslations("job.facts");
  const { duration } = useFormat();
  const isRunning = !isFinal(job.state);
  const seconds = durationS(job, useNow(1000, isRunning));
  if (seconds === null) return null;
  return <span className="whitespace-nowrap">{t(isRunning ? "running" : "took", { time: duration(isRunning ? Math.floor(seconds) : seconds) })}</span>;
}

/** Which attempt this is and where it went on; nothing for the first from the start. */
function Attempt({ job }: { job: JobDetail }) {
  const t = useTranslations("job.facts");
  const { data: before } = useQuery({ ...jobDetailOptions(job.resumes_job_id ?? ""), enabled: job.resumes_job_id !== null });
  const own = lastStep(job.artifacts.filter((file) => file.epoch < job.epoch));
  const step = own ?? (before ? lastStep(before.artifacts) : null);
  const continued = step === null ? "" : t("continued", { step });
  if (job.attempt > 0) return <span className="text-caution">{[t("attempt", { count: job.attempt + 1 }), continued].filter(Boolean).join(" · ")}</span>;
  if (!job.resumes_job_id) return null;
  return (
    <Link href={jobPage(job.resumes_job_id)} className="underline decoration-line-strong underline-offset-3 hover:decoration-current">
      {[t("resumes", { name: before?.name ?? job.resumes_job_id }), continued].filter(Boolean).join(" · ")}
    </Link>
  );
}

function lastStep(files: readonly ArtifactOut[]): number | null {
  const steps = files.flatMap((file) => (file.kind === "checkpoint" && file.step !== null ? [file.step] : []));
  return steps.length > 0 ? Math.max(...steps) : null;
}

/** `bundled:smollm2-135m-instruct` without where it is from, of a directory its last part. */
function nameOf(reference: string): string {
  return reference.replace(/^(bundled|hf):/, "").replace(/^path:.*\/(?=[^/]+\/?$)/, "");
}
