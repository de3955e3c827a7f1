"use client";

import { useQueryClient } from "@tanstack/react-query";
import { useTranslations } from "next-intl";

import { Button } from "@/components/ui/button";
import { Dialog, DialogClose } from "@/components/ui/dialog";

import { DeleteDialog } from "@/entities/label/delete-dialog";
import { deleteTrainingJob } from "@/lib/api/generated/sdk.gen";
import type { JobOut } from "@/lib/api/generated/types.gen";

import { dropJob, refreshLists } from "./cache";
import type { Chain } from "./chain";
import { ChainNames } from "./chain-names";
import { type CheckpointFate, useJobActions } from "./job-actions";

interface ChainsDialogProps {
  /** What it is about; null: closed. */
  chains: readonly Chain[] | null;
  onClose: () => void;
}

/** Asks what becomes of the checkpoints, and stops. */
export function CancelChainsDialog({ chains, onClose }: ChainsDialogProps) {
  const t = useTranslations("training.cancel");
  const { cancel } = useJobActions();
  const stop = (checkpoint: CheckpointFate) => {
    onClose();
    void cancel(chains ?? [], checkpoint);
  };
  return (
    <Dialog
      open={chains !== null}
      onOpenChange={(open) => !open && onClose()}
      title={t("title", { count: chains?.length ?? 0 })}
      description={t("description")}
      actions={
        <>
          <DialogClose>
            <Button variant="quiet">{t("back")}</Button>
          </DialogClose>
          <Button variant="danger" onClick={() => stop("discard")}>
            {t("discard")}
          </Button>
          <Button variant="primary" onClick={() => stop("keep")}>
            {t("keep")}
          </Button>
        </>
      }
    >
      <ChainNames chains={chains ?? []} />
    </Dialog>
  );
}

interface DeleteChainsDialogProps extends ChainsDialogProps {
  /** Some have gone: those with these ids. */
  onDone: (ids: readonly string[]) => void;
}

/** Tells who needs what jobs have made, and deletes those that nobody needs: each with what follows it, the last first. */
export function DeleteChainsDialog({ chains, onClose, onDone }: DeleteChainsDialogProps) {
  const client = useQueryClient();
  if (!chains) return null;
  const erase = async (jobs: readonly JobOut[], keepalive: boolean) => {
    for (const { id } of jobs) await deleteTrainingJob({ path: { job_id: id }, keepalive });
    for (const { id } of jobs) dropJob(client, id);
    refreshLists(client);
  };
  const things = chains.map(({ job, stages }) => ({
    id: job.id,
    name: job.name,
    parts: stages.map(({ id }) => id),
    erase: ({ keepalive }: { keepalive: boolean }) => erase([...stages].reverse().concat(job), keepalive),
  }));
  return <DeleteDialog kind="job" things={things} onClose={onClose} onDone={(ids) => ids.length > 0 && onDone(ids)} />;
}
