"use client";

import { useQueryClient } from "@tanstack/react-query";
import { useTranslations } from "next-intl";

import { ConfirmDialog } from "@/components/ui/confirm-dialog";
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
  const start = ({ job }: JobFiles) =>
    remove.mutate(job.id, {
      onSuccess: ({ freed_bytes: freed }) => {
        notify.good(freed ? t("deletedSize", { name: job.name, size: format.bytes(freed) }) : t("deleted", { name: job.name }));
        void client.invalidateQueries({ queryKey: ["system", "overview"] });
        close();
      },
    });
  return (
    <ConfirmDialog
      open={files !== null}
      title={t("askTitle", { name: files?.job.name ?? "" })}
      description={t("askDescription", { size: format.bytes(files?.files?.size_bytes) })}
      confirm={t("deleteForGood")}
      pending={remove.isPending}
      problem={remove.error}
      onConfirm={() => files && start(files)}
      onClose={close}
    />
  );
}
