import { useLocale, useTranslations } from "next-intl";

import { Button } from "@/components/ui/button";
import { Dialog, DialogClose } from "@/components/ui/dialog";
import { ProblemNote } from "@/components/ui/problem";
import { notify } from "@/components/ui/toast";
import { shortName } from "@/entities/chat/choose";
import { readGates } from "@/entities/model/gates";
import { useAcceptDeployment, useDeleteDeployment } from "@/entities/model/queries";
import type { DeploymentOut } from "@/lib/api/generated/types.gen";

interface DeploymentDialogProps {
  deployment: DeploymentOut;
  onClose: () => void;
  onDone?: () => void;
}

/** A person's word against red checks; the API keeps when it was given. */
export function AcceptDialog({ deployment, onClose }: DeploymentDialogProps) {
  const t = useTranslations("models.accept");
  const locale = useLocale();
  const accept = useAcceptDeployment();
  const gates = readGates(deployment.gates);
  const faults = [...(gates?.parity?.faults ?? []), ...(gates?.stop?.faults ?? [])];
  const confirm = () =>
    accept.mutate(deployment.id, {
      onSuccess: () => {
        notify.caution(t("done", { name: shortName(deployment.name) }));
        onClose();
      },
    });
  return (
    <Dialog
      open
      title={t("title", { name: shortName(deployment.name) })}
      description={t("description")}
      onOpenChange={(open) => !open && onClose()}
      actions={
        <>
          <DialogClose>
            <Button>{t("cancel")}</Button>
          </DialogClose>
          <Button variant="danger-solid" pending={accept.isPending} onClick={confirm}>
            {t("confirm")}
          </Button>
        </>
      }
    >
      <div className="grid gap-2">
        {faults.length === 0 ? (
          <p className="text-ink-2">{t("unchecked")}</p>
        ) : (
          <ul className="grid list-disc gap-1 pl-4">
            {faults.slice(0, 4).map((fault, place) => (
              <li key={place}>{fault.words[locale]}</li>
            ))}
          </ul>
        )}
        <ProblemNote problem={accept.error} />
      </div>
    </Dialog>
  );
}

export function DeleteDeploymentDialog({ deployment, onClose, onDone }: DeploymentDialogProps) {
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
    <Dialog
      open
      title={t("tuned", { name })}
      description={t("tunedMore")}
      onOpenChange={(open) => !open && onClose()}
      actions={
        <>
          <DialogClose>
            <Button>{t("cancel")}</Button>
          </DialogClose>
          <Button variant="danger-solid" pending={remove.isPending} onClick={confirm}>
            {t("confirm")}
          </Button>
        </>
      }
    >
      <ProblemNote problem={remove.error} />
    </Dialog>
  );
}
