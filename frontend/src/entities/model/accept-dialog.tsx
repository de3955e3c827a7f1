import { useLocale, useTranslations } from "next-intl";

import { ConfirmDialog } from "@/components/ui/confirm-dialog";
import { notify } from "@/components/ui/toast";
import { shortName } from "@/entities/chat/choose";
import type { DeploymentOut } from "@/lib/api/generated/types.gen";

import { faultsOf, readGates } from "./gates";
import { useAcceptDeployment } from "./queries";

/** A person's word against red checks; the API keeps when it was given. */
export function AcceptDialog({ deployment, onClose }: { deployment: DeploymentOut; onClose: () => void }) {
  const t = useTranslations("models.accept");
  const locale = useLocale();
  const accept = useAcceptDeployment();
  const gates = readGates(deployment.gates);
  const faults = gates ? faultsOf(gates) : [];
  const name = shortName(deployment.name);
  const confirm = () =>
    accept.mutate(deployment.id, {
      onSuccess: () => {
        notify.caution(t("done", { name }));
        onClose();
      },
    });
  return (
    <ConfirmDialog
      title={t("title", { name })}
      description={t("description")}
      confirm={t("confirm")}
      pending={accept.isPending}
      problem={accept.error}
      onConfirm={confirm}
      onClose={onClose}
    >
      {faults.length === 0 ? (
        <p className="text-ink-2">{t("unchecked")}</p>
      ) : (
        <ul className="grid list-disc gap-1 pl-4">
          {faults.slice(0, 4).map((fault, place) => (
            <li key={place}>{fault.words[locale]}</li>
          ))}
        </ul>
      )}
    </ConfirmDialog>
  );
}
