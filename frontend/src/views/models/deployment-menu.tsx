import { Ellipsis, Info, ShieldAlert, Trash2 } from "lucide-react";
import { useTranslations } from "next-intl";
import { useState } from "react";

import { IconButton } from "@/components/ui/icon-button";
import { Menu, MenuItem, MenuSeparator } from "@/components/ui/menu";
import { shortName } from "@/entities/chat/choose";
import { AcceptDialog } from "@/entities/model/accept-dialog";
import type { DeploymentOut } from "@/lib/api/generated/types.gen";

import { DeleteDeploymentDialog } from "./delete-deployment-dialog";

interface DeploymentMenuProps {
  deployment: DeploymentOut;
  onOpen: () => void;
}

export function DeploymentMenu({ deployment, onOpen }: DeploymentMenuProps) {
  const t = useTranslations("models.menu");
  const [asking, setAsking] = useState<"accept" | "delete" | null>(null);
  const close = () => setAsking(null);
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
        <MenuSeparator />
        <MenuItem danger icon={<Trash2 aria-hidden />} disabled={deployment.state === "checking"} onSelect={() => setAsking("delete")}>
          {t("delete")}
        </MenuItem>
      </Menu>
      {asking === "accept" && <AcceptDialog deployment={deployment} onClose={close} />}
      {asking === "delete" && <DeleteDeploymentDialog deployment={deployment} onClose={close} />}
    </>
  );
}
