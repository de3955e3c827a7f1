"use client";

import { useTranslations } from "next-intl";
import type { ReactNode } from "react";

import { Button } from "./button";
import { Dialog } from "./dialog";
import { ProblemNote } from "./problem";

interface ConfirmDialogProps {
  open?: boolean;
  title: ReactNode;
  description: ReactNode;
  /** What the button that does it says. */
  confirm: ReactNode;
  pending?: boolean;
  /** What doing it failed with. */
  problem?: unknown;
  onConfirm: () => void;
  onClose: () => void;
  /** What it is about, where the title cannot say it. */
  children?: ReactNode;
}

/** Asks before something is done that cannot be taken back. */
export function ConfirmDialog({ open = true, confirm, pending, problem = null, onConfirm, onClose, children, ...head }: ConfirmDialogProps) {
  const t = useTranslations("ui.dialog");
  const hasBody = Boolean(children) || problem !== null;
  return (
    <Dialog
      {...head}
      open={open}
      onOpenChange={(next) => !next && onClose()}
      actions={
        <>
          <Button variant="quiet" onClick={onClose}>
            {t("cancel")}
          </Button>
          <Button variant="danger-solid" pending={pending} onClick={onConfirm}>
            {confirm}
          </Button>
        </>
      }
    >
      {hasBody && (
        <div className="space-y-2">
          {children}
          <ProblemNote problem={problem} />
        </div>
      )}
    </Dialog>
  );
}
