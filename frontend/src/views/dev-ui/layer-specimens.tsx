"use client";

import { Copy, Download, Ellipsis, Trash2 } from "lucide-react";
import { useTranslations } from "next-intl";
import { useState } from "react";

import { Button } from "@/components/ui/button";
import { Card } from "@/components/ui/card";
import { ConfirmDialog } from "@/components/ui/confirm-dialog";
import { Drawer } from "@/components/ui/drawer";
import { IconButton } from "@/components/ui/icon-button";
import { Menu, MenuItem, MenuSeparator } from "@/components/ui/menu";
import { notify } from "@/components/ui/toast";
import { Tooltip } from "@/components/ui/tooltip";

export function LayerSpecimens() {
  const t = useTranslations("devUi.words");
  const [open, setOpen] = useState<"dialog" | "drawer" | null>(null);
  const close = () => setOpen(null);
  const undo = { label: t("undo"), onClick: () => notify.info(t("toastText")) };
  return (
    <Card>
      <div className="flex flex-wrap items-center gap-2">
        <Button variant="danger" onClick={() => setOpen("dialog")}>
          {t("delete")}
        </Button>
        <ConfirmDialog
          open={open === "dialog"}
          title={t("confirmTitle")}
          description={t("confirmText")}
          confirm={t("delete")}
          onConfirm={close}
          onClose={close}
        />
        <Button onClick={() => setOpen("drawer")}>{t("details")}</Button>
        <Drawer open={open === "drawer"} onOpenChange={close} title={t("details")} description={t("detailsText")}>
          <p>{t("body")}</p>
        </Drawer>
        <Menu
          align="start"
          trigger={
            <IconButton variant="secondary" label={t("more")}>
              <Ellipsis aria-hidden />
            </IconButton>
          }
        >
          <MenuItem icon={<Copy aria-hidden />} keys="d">
            {t("duplicate")}
          </MenuItem>
          <MenuItem icon={<Download aria-hidden />} disabled>
            {t("save")}
          </MenuItem>
          <MenuSeparator />
          <MenuItem icon={<Trash2 aria-hidden />} danger>
            {t("delete")}
          </MenuItem>
        </Menu>
        <Tooltip content={t("nameHint")} keys="?">
          <Button variant="quiet">{t("name")}</Button>
        </Tooltip>
        <Button onClick={() => notify.good(t("toastGood"), { description: t("toastText"), action: undo })}>
          {t("toastGood")}
        </Button>
        <Button onClick={() => notify.bad(t("toastBad"), { description: t("errorText") })}>{t("toastBad")}</Button>
      </div>
    </Card>
  );
}
