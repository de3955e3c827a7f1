"use client";

import { useTranslations } from "next-intl";

import { Button } from "@/components/ui/button";
import { ConfirmDialog } from "@/components/ui/confirm-dialog";
import { Dialog, DialogClose } from "@/components/ui/dialog";

import type { Chain } from "./chain";
import { ChainNames } from "./chain-names";
import { type CheckpointFate, useJobActions } from "./job-actions";

interface ChainsDialogProps {
  /** What it is about; null: closed. */
  chains: readonly Chain[] | null;
  onClose: () => void;
  onDone?: () => void;
}

/** Asks what becomes of the checkpoints, and stops. */
export function CancelChainsDialog({ chains, onClose, onDone }: ChainsDialogProps) {
  const t = useTranslations("training.cancel");
  const { cancel } = useJobActions();
  const stop = (checkpoint: CheckpointFate) => {
    onClose();
    void cancel(chains ?? [], checkpoint).then(onDone);
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

/** Asks before jobs and their files go for good. */
export function DeleteChainsDialog({ chains, onClose, onDone }: ChainsDialogProps) {
  const t = useTranslations("training.delete");
  const { remove } = useJobActions();
  const confirm = () => {
    onClose();
    void remove(chains ?? []).then(onDone);
  };
  return (
    <ConfirmDialog
      open={chains !== null}
      title={t("title", { count: chains?.length ?? 0 })}
      description={t("description")}
      confirm={t("confirm")}
      onConfirm={confirm}
      onClose={onClose}
    >
      <ChainNames chains={chains ?? []} />
    </ConfirmDialog>
  );
}
