import { useTranslations } from "next-intl";

import { ConfirmDialog } from "@/components/ui/confirm-dialog";
import { notify } from "@/components/ui/toast";
import { useDeleteOllamaModel } from "@/entities/ollama/queries";
import type { OllamaModelOut } from "@/lib/api/generated/types.gen";
import { useFormat } from "@/lib/use-format";

interface DeleteOllamaDialogProps {
  model: OllamaModelOut;
  onClose: () => void;
  onDone?: () => void;
}

/** Asks before Ollama forgets a model; why it must not, if so. */
export function DeleteOllamaDialog({ model, onClose, onDone }: DeleteOllamaDialogProps) {
  const t = useTranslations("models.remove");
  const format = useFormat();
  const remove = useDeleteOllamaModel();
  const { name } = model;
  const confirm = () =>
    remove.mutate(name, {
      onSuccess: () => {
        notify.good(t("done", { name }));
        onClose();
        onDone?.();
      },
    });
  return (
    <ConfirmDialog
      title={t("ollama", { name })}
      description={t("ollamaMore", { size: format.bytes(model.size_bytes) })}
      confirm={t("confirm")}
      pending={remove.isPending}
      problem={remove.error}
      onConfirm={confirm}
      onClose={onClose}
    />
  );
}
