"use client";

import { useTranslations } from "next-intl";

import { type ActionGroup, allActions, useActionsByOwner } from "@/lib/actions";
import { setCharacterKeys, useCharacterKeys } from "@/lib/character-keys";
import { isOfCharacters } from "@/lib/keys";
import { Dialog } from "@/components/ui/dialog";
import { Shortcut } from "@/components/ui/kbd";
import { Switch } from "@/components/ui/switch";
import { closeOverlay, useOverlay } from "./overlays";

const GROUPS: readonly ActionGroup[] = ["page", "go", "look", "help"];

/** The keys of everything that has keys. */
export function ShortcutSheet() {
  const t = useTranslations("nav");
  const open = useOverlay((overlay) => overlay.open === "shortcuts");
  const bound = allActions(useActionsByOwner()).filter((action) => action.keys);
  const isOn = useCharacterKeys();
  const groups = GROUPS.map((group) => ({ group, actions: bound.filter((action) => action.group === group) }));
  return (
    <Dialog
      open={open}
      onOpenChange={(next) => !next && closeOverlay()}
      title={t("shortcuts.title")}
      description={t("shortcuts.description")}
    >
      <div className="grid gap-4">
        <div>
          <Switch label={t("shortcuts.characters")} checked={isOn} onChange={setCharacterKeys} />
          <p className="mt-1 text-xs text-ink-3">{t("shortcuts.charactersHint")}</p>
        </div>
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
                      {isOn || !isOfCharacters(action.keys ?? "") ? <Shortcut keys={action.keys ?? ""} /> : <span className="text-xs text-ink-3">{t("shortcuts.off")}</span>}
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
