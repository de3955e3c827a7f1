import { useQueryClient } from "@tanstack/react-query";
import { useTranslations } from "next-intl";
import { useEffect } from "react";

import { PersonsName } from "@/components/ui/persons-name";
import { Link } from "@/components/ui/link";
import { Progress } from "@/components/ui/progress";
import { Td, Tr } from "@/components/ui/table";
import { useJobs } from "@/entities/job/use-jobs";
import { baseModelsKey } from "@/entities/model/queries";
import { StateBadge } from "@/components/ui/state-badge";
import type { JobOut } from "@/lib/api/generated/types.gen";
import { useFormat } from "@/lib/use-format";
import { jobPage } from "@/lib/routes";

import { IMPORTS } from "./reads";

/** Base models on their way. */
export function ImportRows() {
  const client = useQueryClient();
  const { jobs } = useJobs(IMPORTS);
  const ended = jobs.filter((job) => job.state === "completed").length;
  useEffect(() => {
    if (ended > 0) void client.invalidateQueries({ queryKey: baseModelsKey });
  }, [client, ended]);
  return jobs.filter((job) => job.state !== "completed").map((job) => <ImportRow key={job.id} job={job} />);
}

function ImportRow({ job }: { job: JobOut }) {
  const t = useTranslations("models.imports");
  const format = useFormat();
  const { progress } = job;
  const isBytes = progress?.unit === "bytes";
  const detail = progress && isBytes ? format.bytesOf(progress.done, progress.total) : "";
  return (
    <Tr>
      <Td className="pl-3.5">
        <span className="flex flex-wrap items-center gap-2">
          <Link href={jobPage(job.id)} className="font-medium hover:underline">
            <PersonsName>{job.name}</PersonsName>
          </Link>
          <StateBadge state={job.state} />
        </span>
      </Td>
      <Td colSpan={7} className="pr-3.5">
        <Progress
          label={t("progress", { name: job.name })}
          value={progress && progress.total > 0 ? progress.done / progress.total : null}
          detail={detail}
          className="max-w-sm"
        />
      </Td>
    </Tr>
  );
}
