import { Activity, BadgeCheck, Ellipsis, Info, MessageSquare, Trash2 } from "lucide-react";
import { useTranslations } from "next-intl";
import { useState } from "react";

import { IconButton } from "@/components/ui/icon-button";
import { Menu, MenuItem, MenuSeparator } from "@/components/ui/menu";
import type { OllamaModelOut } from "@/lib/api/generated/types.gen";
import { NO_BASE, chatWith, newTraining } from "@/lib/routes";

import { DeleteOllamaDialog } from "./delete-ollama-dialog";
import { useCanAnswer } from "./use-can-answer";

interface OllamaMenuProps {
  model: OllamaModelOut;
  onOpen: () => void;
  onOpenDeployment: (id: string) => void;
}

/** A model that was made here is deleted as what it is: a tuned model. */
export function OllamaMenu({ model, onOpen, onOpenDeployment }: OllamaMenuProps) {
  const t = useTranslations("models.menu");
  const canAnswer = useCanAnswer()(model);
  const [isDeleting, setDeleting] = useState(false);
  const { name, base, deployment_id: deployment } = model;
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
        {canAnswer && (
          <MenuItem icon={<MessageSquare aria-hidden />} href={chatWith(name, deployment ? null : NO_BASE)}>
            {t("chat")}
          </MenuItem>
        )}
        {base.reference && (
          <MenuItem icon={<Activity aria-hidden />} href={newTraining({ base: base.reference })}>
            {t("train")}
          </MenuItem>
        )}
        <MenuSeparator />
        {deployment ? (
          <MenuItem icon={<BadgeCheck aria-hidden />} onSelect={() => onOpenDeployment(deployment)}>
            {t("tuned")}
          </MenuItem>
        ) : (
          <MenuItem danger icon={<Trash2 aria-hidden />} onSelect={() => setDeleting(true)}>
            {t("delete")}
          </MenuItem>
        )}
      </Menu>
      {isDeleting && <DeleteOllamaDialog model={model} onClose={() => setDeleting(false)} />}
    </>
  );
}
