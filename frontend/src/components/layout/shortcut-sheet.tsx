"use client";

import { useTranslations } from "next-intl";

import { type ActionGroup, allActions, useActionsByOwner } from "@/lib/actions";
import { Dialog } from "@/components/ui/dialog";
import { Kbd } from "@/components/ui/kbd";
import { closeOverlay, useOverlay } from "./overlays";

const GROUPS: readonly ActionGroup[] = ["page", "go", "look", "help"];

/** The keys of everything that has keys. */
export function ShortcutSheet() {
  const t = useTranslations("nav");
  const open = useOverlay((overlay) => overlay.open === "shortcuts");
  const bound = allActions(useActionsByOwner()).filter((action) => action.keys);
  const groups = GROUPS.map((group) => ({ group, actions: bound.filter((action) => action.group === group) }));
  return (
    <Dialog
      open={open}
      onOpenChange={(next) => !next && closeOverlay()}
      title={t("shortcuts.title")}
      description={t("shortcuts.description")}
    >
      <div className="grid gap-4">
        {groups
          .filter(({ actions }) => actions.length > 0)
          .map(({ group, actions }) => (
            <section key={group}>
              <h3 className="mb-1 text-xs text-ink-3">{t(`palette.groups.${group}`)}</h3>
              <dl className="divide-y">
                {actions.map((action) => (
                  <div key={action.id} className="flex min-h-8 items-center justify-between gap-4">
                    <dt className="min-w-0 truncate">{action.label}</dt>
                    <dd>
                      <Kbd keys={action.keys ?? ""} />
                    </dd>
                  </div>
                ))}
              </dl>
            </section>
          ))}
      </div>
    </Dialog>
  );
}
