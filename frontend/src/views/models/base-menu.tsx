import { Activity, Ellipsis, Info, Trash2 } from "lucide-react";
import { useTranslations } from "next-intl";
import { useState } from "react";

import { ConfirmDialog } from "@/components/ui/confirm-dialog";
import { IconButton } from "@/components/ui/icon-button";
import { Menu, MenuItem, MenuSeparator } from "@/components/ui/menu";
import { notify } from "@/components/ui/toast";
import { shortName } from "@/entities/chat/choose";
import { useDeleteBaseModel } from "@/entities/model/queries";
import type { BaseModelOut } from "@/lib/api/generated/types.gen";
import { newTraining } from "@/lib/routes";

export function BaseMenu({ model, onOpen }: { model: BaseModelOut; onOpen: () => void }) {
  const t = useTranslations("models.menu");
  const [isDeleting, setDeleting] = useState(false);
  const name = shortName(model.reference);
  return (
    <>
      <Menu
        trigger={
          <IconButton size="sm" label={t("label", { name })}>
            <Ellipsis aria-hidden />
          </IconButton>
        }
      >
        <MenuItem icon={<Info aria-hidden />} onSelect={onOpen}>
          {t("details")}
        </MenuItem>
        <MenuItem icon={<Activity aria-hidden />} href={newTraining({ base: model.reference })}>
          {t("train")}
        </MenuItem>
        {model.id !== null && (
          <>
            <MenuSeparator />
            <MenuItem danger icon={<Trash2 aria-hidden />} onSelect={() => setDeleting(true)}>
              {t("delete")}
            </MenuItem>
          </>
        )}
      </Menu>
      {isDeleting && model.id !== null && <DeleteDialog id={model.id} name={name} onClose={() => setDeleting(false)} />}
    </>
  );
}

function DeleteDialog({ id, name, onClose }: { id: string; name: string; onClose: () => void }) {
  const t = useTranslations("models.remove");
  const remove = useDeleteBaseModel();
  const confirm = () =>
    remove.mutate(id, {
      onSuccess: () => {
        notify.good(t("done", { name }));
        onClose();
      },
    });
  return (
    <ConfirmDialog
      title={t("base", { name })}
      description={t("baseMore")}
      confirm={t("confirm")}
      pending={remove.isPending}
      problem={remove.error}
      onConfirm={confirm}
      onClose={onClose}
    />
  );
}
