import { useRouter } from "next/navigation";
import { useTranslations } from "next-intl";

import { ConfirmDialog } from "@/components/ui/confirm-dialog";
import { notify } from "@/components/ui/toast";
import { shortName } from "@/entities/chat/choose";
import { useDeployAgain } from "@/entities/model/queries";
import { useRecipeBook } from "@/entities/recipe/queries";
import type { DeploymentOut } from "@/lib/api/generated/types.gen";
import { jobPage } from "@/lib/routes";

import { DeviationNote } from "./deviation-note";

interface DeployAgainDialogProps {
  deployment: DeploymentOut;
  onClose: () => void;
}

/** Asks before a tuned model takes its place again, from whatever stands there now. */
export function DeployAgainDialog({ deployment, onClose }: DeployAgainDialogProps) {
  const t = useTranslations("models.again");
  const router = useRouter();
  const again = useDeployAgain();
  const hasTags = useRecipeBook().target(deployment.target)?.has_tags ?? false;
  const name = shortName(deployment.name);
  const confirm = () =>
    again.mutate(deployment.id, {
      onSuccess: (job) => {
        notify.good(t("done", { name }));
        onClose();
        router.push(jobPage(job.id));
      },
    });
  const isReplacing = hasTags && deployment.state === "changed";
  return (
    <ConfirmDialog
      title={t(hasTags ? "registerTitle" : "deployTitle", { name })}
      description={t(isReplacing ? "replacing" : "description")}
      confirm={t(hasTags ? "register" : "deploy")}
      pending={again.isPending}
      problem={again.error}
      onConfirm={confirm}
      onClose={onClose}
    >
      <DeviationNote deployment={deployment} />
    </ConfirmDialog>
  );
}
