import { useTranslations } from "next-intl";

import { ConfirmDialog } from "@/components/ui/confirm-dialog";
import { notify } from "@/components/ui/toast";
import { shortName } from "@/entities/chat/choose";
import { useDeleteDeployment } from "@/entities/model/queries";
import type { DeploymentOut } from "@/lib/api/generated/types.gen";

interface DeleteDeploymentDialogProps {
  deployment: DeploymentOut;
  onClose: () => void;
  onDone?: () => void;
}

/** Asks before a tuned model is served no more. */
export function DeleteDeploymentDialog({ deployment, onClose, onDone }: DeleteDeploymentDialogProps) {
  const t = useTranslations("models.remove");
  const remove = useDeleteDeployment();
  const name = shortName(deployment.name);
  const confirm = () =>
    remove.mutate(deployment.id, {
      onSuccess: () => {
        notify.good(t("done", { name }));
        onClose();
        onDone?.();
      },
    });
  return (
    <ConfirmDialog
      title={t("tuned", { name })}
      description={t("tunedMore")}
      confirm={t("confirm")}
      pending={remove.isPending}
      problem={remove.error}
      onConfirm={confirm}
      onClose={onClose}
    />
  );
}
