import { Tag } from "lucide-react";
import { useTranslations } from "next-intl";

import { MenuItem } from "@/components/ui/menu";

import { editLabel } from "./asked";
import type { Labelled } from "./label-dialog";

/** In the menu of a row. */
export function EditLabelItem(thing: Labelled) {
  const t = useTranslations("labels.label");
  return (
    <MenuItem icon={<Tag aria-hidden />} onSelect={() => editLabel(thing)}>
      {t(thing.isPlaced ? "editPlaced" : "edit")}
    </MenuItem>
  );
}
