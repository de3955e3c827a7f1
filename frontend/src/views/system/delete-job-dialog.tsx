"use client";

import { useQueryClient } from "@tanstack/react-query";
import { useTranslations } from "next-intl";

import { Button } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { ProblemNote } from "@/components/ui/problem";
import { notify } from "@/components/ui/toast";
import { useDeleteJob } from "@/entities/job/mutations";
import { useFormat } from "@/lib/use-format";

import type { JobFiles } from "./use-job-files";

/** Asks before the files of a job go for good. */
export function DeleteJobDialog({ files, onClose }: { files: JobFiles | null; onClose: () => void }) {
  const t = useTranslations("system.files");
  const format = useFormat();
  const client = useQueryClient();
  const remove = useDeleteJob();
  const close = () => {
    remove.reset();
    onClose();
  };
  const start = ({ job, bytes }: JobFiles) =>
    remove.mutate(job.id, {
      onSuccess: () => {
        notify.good(bytes ? t("deletedSize", { name: job.name, size: format.bytes(bytes) }) : t("deleted", { name: job.name }));
        void client.invalidateQueries({ queryKey: ["system", "overview"] });
        close();
      },
    });
  return (
    <Dialog
      open={files !== null}
      onOpenChange={(next) => !next && close()}
      title={t("askTitle", { name: files?.job.name ?? "" })}
      description={t("askDescription", { size: format.bytes(files?.bytes) })}
      actions={
        <>
          <Button variant="quiet" onClick={close}>
            {t("keep")}
          </Button>
          <Button variant="danger-solid" pending={remove.isPending} onClick={() => files && start(files)}>
            {t("deleteForGood")}
          </Button>
        </>
      }
    >
      {remove.error && <ProblemNote problem={remove.error} />}
    </Dialog>
  );
}
