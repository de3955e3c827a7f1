import { Ellipsis, Info, RotateCw, ShieldAlert, Trash2 } from "lucide-react";
import { useTranslations } from "next-intl";
import { useState } from "react";

import { IconButton } from "@/components/ui/icon-button";
import { Menu, MenuItem, MenuSeparator } from "@/components/ui/menu";
import { shortName } from "@/entities/chat/choose";
import { AcceptDialog } from "@/entities/model/accept-dialog";
import { useRecipeBook } from "@/entities/recipe/queries";
import { askToDelete } from "@/entities/label/asked";
import { EditLabelItem } from "@/entities/label/edit-item";
import { useDoomedDeployment } from "@/entities/model/use-doomed";
import type { DeploymentOut } from "@/lib/api/generated/types.gen";

import { DeployAgainDialog } from "./deploy-again-dialog";

interface DeploymentMenuProps {
  deployment: DeploymentOut;
  onOpen: () => void;
}

export function DeploymentMenu({ deployment, onOpen }: DeploymentMenuProps) {
  const t = useTranslations("models.menu");
  const [asking, setAsking] = useState<"accept" | "again" | null>(null);
  const hasTags = useRecipeBook().target(deployment.target)?.has_tags ?? false;
  const close = () => setAsking(null);
  const doomed = useDoomedDeployment();
  return (
    <>
      <Menu
        trigger={
          <IconButton size="sm" label={t("label", { name: shortName(deployment.name) })}>
            <Ellipsis aria-hidden />
          </IconButton>
        }
      >
        <MenuItem icon={<Info aria-hidden />} onSelect={onOpen}>
          {t("details")}
        </MenuItem>
        {deployment.state === "rejected" && (
          <MenuItem icon={<ShieldAlert aria-hidden />} onSelect={() => setAsking("accept")}>
            {t("accept")}
          </MenuItem>
        )}
        {deployment.deviation && (
          <MenuItem icon={<RotateCw aria-hidden />} onSelect={() => setAsking("again")}>
            {t(hasTags ? "register" : "deploy")}
          </MenuItem>
        )}
        <EditLabelItem {...deployment} kind="deployment" isPlaced />
        <MenuSeparator />
        <MenuItem danger icon={<Trash2 aria-hidden />} onSelect={() => askToDelete("deployment", [doomed(deployment)])}>
          {t("delete")}
        </MenuItem>
      </Menu>
      {asking === "accept" && <AcceptDialog deployment={deployment} onClose={close} />}
      {asking === "again" && <DeployAgainDialog deployment={deployment} onClose={close} />}
    </>
  );
}
