import { Activity, Ellipsis, Info, Trash2 } from "lucide-react";
import { useTranslations } from "next-intl";

import { IconButton } from "@/components/ui/icon-button";
import { Menu, MenuItem, MenuSeparator } from "@/components/ui/menu";
import { shortName } from "@/entities/chat/choose";
import { askToDelete } from "@/entities/label/asked";
import { EditLabelItem } from "@/entities/label/edit-item";
import { useDoomedBase } from "@/entities/model/use-doomed";
import type { BaseModelOut } from "@/lib/api/generated/types.gen";
import { newTraining } from "@/lib/routes";

export function BaseMenu({ model, onOpen }: { model: BaseModelOut; onOpen: () => void }) {
  const t = useTranslations("models.menu");
  const doomed = useDoomedBase();
  const { id, reference } = model;
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
        {id !== null && (
          <>
            <EditLabelItem {...model} id={id} name={name} kind="base_model" isPlaced />
            <MenuSeparator />
            <MenuItem danger icon={<Trash2 aria-hidden />} onSelect={() => askToDelete("base_model", [doomed({ id, reference })])}>
              {t("delete")}
            </MenuItem>
          </>
        )}
      </Menu>
    </>
  );
}
