"use client";

import { Download, Trash2 } from "lucide-react";
import { useTranslations } from "next-intl";
import { useRouter } from "next/navigation";
import { useState } from "react";

import { PersonsName } from "@/components/ui/persons-name";
import { Button } from "@/components/ui/button";
import { buttonStyle } from "@/components/ui/button-style";
import { Dialog, DialogClose } from "@/components/ui/dialog";
import { Link } from "@/components/ui/link";
import { LinkButton } from "@/components/ui/link-button";
import { StateBadge } from "@/components/ui/state-badge";
import { useRecipeBook } from "@/entities/recipe/queries";
import { datasetFilePath } from "@/entities/dataset/mutations";
import { useDelayedDelete } from "@/entities/dataset/use-delayed-delete";
import { useApiLink } from "@/lib/api/address";
import type { DatasetDetail, JobOut } from "@/lib/api/generated/types.gen";
import { jobPage, newTraining } from "@/lib/routes";

/** Download, delete, train. A data set that a job still needs cannot be deleted: then it says which. */
export function DatasetActions({ dataset, live }: { dataset: DatasetDetail; live: readonly JobOut[] }) {
  const t = useTranslations("dataset.actions");
  const router = useRouter();
  const book = useRecipeBook();
  const linkTo = useApiLink();
  const remove = useDelayedDelete();
  const [refused, setRefused] = useState(false);
  const wish = () => {
    if (live.length > 0) return setRefused(true);
    remove(dataset);
    router.push("/datasets");
  };
  return (
    <>
      <a className={buttonStyle({ variant: "quiet" })} href={linkTo(datasetFilePath(dataset.id))} download={dataset.original_name}>
        <Download aria-hidden />
        {t("download")}
      </a>
      <Button variant="quiet" onClick={wish}>
        <Trash2 aria-hidden />
        {t("delete")}
      </Button>
      {book.learnsFrom(dataset.kind) && (
        <LinkButton variant="primary" href={newTraining({ dataset: dataset.id })}>
          {t("train")}
        </LinkButton>
      )}
      <Dialog
        open={refused}
        onOpenChange={setRefused}
        title={t("inUseTitle")}
        description={t("inUseText")}
        actions={
          <DialogClose>
            <Button variant="primary">{t("understood")}</Button>
          </DialogClose>
        }
      >
        <JobLinks jobs={live} />
      </Dialog>
    </>
  );
}

/** Jobs by name, with their states. */
export function JobLinks({ jobs }: { jobs: readonly JobOut[] }) {
  return (
    <ul className="divide-y">
      {jobs.map((job) => (
        <li key={job.id} className="flex items-center justify-between gap-3 py-1.5">
          <Link href={jobPage(job.id)} className="min-w-0 truncate rounded-sm underline-offset-2 hover:underline">
            <PersonsName>{job.name}</PersonsName>
          </Link>
          <StateBadge state={job.state} />
        </li>
      ))}
    </ul>
  );
}
