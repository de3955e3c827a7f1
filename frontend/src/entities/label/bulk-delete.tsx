"use client";

import { Trash2 } from "lucide-react";
import { useTranslations } from "next-intl";

import { Button } from "@/components/ui/button";
import { SelectionBar } from "@/components/ui/selection-bar";
import type { ThingKind } from "@/lib/routes";

import { askToDelete } from "./asked";
import type { DoomedThing } from "./delete-dialog";

interface BulkDeleteProps {
  kind: ThingKind;
  /** The chosen ones. */
  things: readonly DoomedThing[];
  onChoose: (ids: readonly string[]) => void;
}

/** Over the end of a list of which rows are chosen: deletes those that nobody needs; the others stay chosen. */
export function BulkDelete({ kind, things, onChoose }: BulkDeleteProps) {
  const t = useTranslations("labels.remove");
  const rest = (gone: readonly string[]) => onChoose(things.map(({ id }) => id).filter((id) => !gone.includes(id)));
  return (
    <SelectionBar label={t("bar")} count={t("selected", { count: things.length })} clear={t("clear")} onClear={() => onChoose([])}>
      <Button variant="danger" aria-haspopup="dialog" onClick={() => askToDelete(kind, things, rest)}>
        <Trash2 aria-hidden />
        {t("delete", { count: things.length })}
      </Button>
    </SelectionBar>
  );
}
