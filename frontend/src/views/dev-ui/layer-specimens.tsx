"use client";

import { Copy, Download, Ellipsis, Trash2 } from "lucide-react";
import { useTranslations } from "next-intl";

import { Button } from "@/components/ui/button";
import { Card } from "@/components/ui/card";
import { Dialog, DialogClose } from "@/components/ui/dialog";
import { Drawer } from "@/components/ui/drawer";
import { IconButton } from "@/components/ui/icon-button";
import { Menu, MenuItem, MenuSeparator } from "@/components/ui/menu";
import { notify } from "@/components/ui/toast";
import { Tooltip } from "@/components/ui/tooltip";

export function LayerSpecimens() {
  const t = useTranslations("devUi.words");
  const undo = { label: t("undo"), onClick: () => notify.info(t("toastText")) };
  return (
    <Card>
      <div className="flex flex-wrap items-center gap-2">
        <Dialog
          trigger={<Button variant="danger">{t("delete")}</Button>}
          title={t("confirmTitle")}
          description={t("confirmText")}
          actions={
            <>
              <DialogClose>
                <Button variant="quiet">{t("cancel")}</Button>
              </DialogClose>
              <DialogClose>
                <Button variant="danger-solid">{t("delete")}</Button>
              </DialogClose>
            </>
          }
        />
        <Drawer trigger={<Button>{t("details")}</Button>} title={t("details")} description={t("detailsText")}>
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
