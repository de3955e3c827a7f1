import { useQueryClient } from "@tanstack/react-query";
import { useLocale, useTranslations } from "next-intl";
import { useEffect, useRef } from "react";

import { Link } from "@/components/ui/link";
import { LinkButton } from "@/components/ui/link-button";
import { PersonsName } from "@/components/ui/persons-name";
import { Progress } from "@/components/ui/progress";
import { StateBadge } from "@/components/ui/state-badge";
import { Td, Tr } from "@/components/ui/table";
import { notify } from "@/components/ui/toast";
import { shareOf } from "@/entities/job/progress";
import { useJobs } from "@/entities/job/use-jobs";
import { useAddBaseModel } from "@/entities/model/add";
import { isCuredByToken } from "@/entities/model/hub";
import { bookOf } from "@/entities/recipe/book";
import { useRecipes } from "@/entities/recipe/queries";
import { importedReference, importsOf, MOST_IMPORTS, shownImports } from "@/entities/model/imports";
import { baseModelsKey } from "@/entities/model/queries";
import type { BaseModelOut, JobOut } from "@/lib/api/generated/types.gen";
import { isFinal } from "@/lib/live/reducer";
import { HUB_ACCESS, jobPage } from "@/lib/routes";
import { useFormat } from "@/lib/use-format";
import { useHandsOnFocus } from "@/lib/use-hands-on-focus";

import { EndedActions } from "./ended-actions";

/** What cannot be chosen leaves no room for a checkbox beside its name. */
const NAME_CELLS = 2;

/** Base models on their way; those that did not come stay with their reason, until they are added again or dismissed. */
export function ImportRows({ models, cells }: { models: readonly BaseModelOut[]; cells: number }) {
  const client = useQueryClient();
  const { data: recipes } = useRecipes();
  const { jobs, isPending } = useJobs(importsOf(bookOf(recipes)), MOST_IMPORTS, recipes !== undefined);
  const ended = isPending ? null : jobs.filter((job) => job.state === "completed").length;
  const before = useRef(ended);
  useEffect(() => {
    if (before.current !== null && ended !== null && ended > before.current) void client.invalidateQueries({ queryKey: baseModelsKey });
    before.current = ended;
  }, [client, ended]);
  const known = new Set(models.filter(({ state }) => state === "registered").map(({ reference }) => reference));
  return shownImports(jobs, known).map((job) => <ImportRow key={importedReference(job)} job={job} cells={cells} />);
}

function ImportRow({ job, cells }: { job: JobOut; cells: number }) {
  const row = useHandsOnFocus<HTMLTableRowElement>();
  return (
    <Tr ref={row}>
      <Td colSpan={NAME_CELLS} className="pl-3.5">
        <span className="flex flex-wrap items-center gap-2">
          <Link href={jobPage(job.id)} className="font-medium hover:underline">
            <PersonsName>{job.name}</PersonsName>
          </Link>
          <StateBadge state={job.state} />
        </span>
      </Td>
      <Td colSpan={cells - NAME_CELLS} className="pr-3.5">
        {isFinal(job.state) ? <Ending job={job} /> : <Arriving job={job} />}
      </Td>
    </Tr>
  );
}

function Arriving({ job }: { job: JobOut }) {
  const t = useTranslations("models.imports");
  const format = useFormat();
  const { progress } = job;
  return (
    <Progress
      label={t("progress", { name: job.name })}
      value={shareOf(job)}
      detail={progress?.unit === "bytes" ? format.bytesOf(progress.done, progress.total) : ""}
      className="max-w-sm"
    />
  );
}

/** Why a model did not come, and what can be done. */
function Ending({ job }: { job: JobOut }) {
  const t = useTranslations("models.imports");
  const locale = useLocale();
  const client = useQueryClient();
  const add = useAddBaseModel();
  const name = job.name;
  return (
    <div className="flex flex-wrap items-center justify-between gap-x-4 gap-y-1.5">
      <p className={job.failure ? "min-w-0 grow basis-60 text-pretty text-bad" : "min-w-0 grow basis-60 text-pretty text-ink-2"}>
        {job.failure ? job.failure[locale] : t("cancelled")}
      </p>
      <EndedActions
        jobId={job.id}
        name={name}
        words="models.imports"
        isRetrying={add.isPending}
        onRetry={({ forget, onError }) =>
          add.mutate(importedReference(job), {
            onError,
            onSuccess: (added) => {
              if (added.kind !== "known") return;
              notify.good(t("there", { name }));
              void client.invalidateQueries({ queryKey: baseModelsKey });
              forget();
            },
          })
        }
        className="flex flex-wrap gap-1.5"
      >
        {job.failure && isCuredByToken(job.failure.code) && (
          <LinkButton size="sm" href={HUB_ACCESS}>
            {t("toToken")}
          </LinkButton>
        )}
      </EndedActions>
    </div>
  );
}
