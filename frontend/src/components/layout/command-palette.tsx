"use client";

import { Dialog } from "@base-ui/react/dialog";
import { Command } from "cmdk";
import { Search } from "lucide-react";
import { useTranslations } from "next-intl";
import { useState } from "react";

import { type Action, type ActionGroup, allActions, useActionsByOwner } from "@/lib/actions";
import { Kbd, Shortcut } from "@/components/ui/kbd";
import { PersonsName } from "@/components/ui/persons-name";
import { VEIL } from "@/components/ui/veil";
import { closeOverlay, useOverlay } from "./overlays";
import { PaletteResults, PaletteSearchState, useSearch, valueOf } from "./palette-results";

/** As the API bounds it. */
const LONGEST_SEARCH = 200;
const GROUP = "[&_[cmdk-group-heading]]:px-2 [&_[cmdk-group-heading]]:pt-2 [&_[cmdk-group-heading]]:pb-1 [&_[cmdk-group-heading]]:text-xs [&_[cmdk-group-heading]]:text-ink-3";
const GROUPS: readonly ActionGroup[] = ["page", "go", "look", "help"];

/** Everything that can be done from here, and everything that there is, found by typing. */
export function CommandPalette() {
  const t = useTranslations("nav");
  const open = useOverlay((overlay) => overlay.open === "palette");
  return (
    <Dialog.Root open={open} onOpenChange={(next) => !next && closeOverlay()}>
      <Dialog.Portal>
        <Dialog.Backdrop className={VEIL} />
        <Dialog.Popup className="layer fixed top-[max(1rem,14vh)] left-1/2 z-50 w-[calc(100vw-2rem)] max-w-xl -translate-x-1/2 overflow-hidden">
          <Dialog.Title className="sr-only">{t("palette.title")}</Dialog.Title>
          <Commands />
        </Dialog.Popup>
      </Dialog.Portal>
    </Dialog.Root>
  );
}

/** Made anew with each opening, so that each begins with nothing typed. */
function Commands() {
  const t = useTranslations("nav");
  const actions = allActions(useActionsByOwner()).filter((action) => action.id !== "palette");
  const [typed, setTyped] = useState("");
  const [value, setValue] = useState("");
  const search = useSearch(typed);
  const { found, isWanted, isBehind, error } = search;
  const run = (action: Action) => {
    closeOverlay();
    action.run();
  };
  // What comes later than the letters is chosen where no action is: Enter then opens it.
  const known = found && !isBehind ? found : undefined;
  const [chosenOf, setChosenOf] = useState(known);
  if (known !== chosenOf) {
    setChosenOf(known);
    const [first] = known?.data ?? [];
    const isFound = known?.data.some((one) => valueOf(one) === value);
    if (first && !isFound && !actions.some(({ id }) => id === value)) setValue(valueOf(first));
  }
  const isEmpty = !isWanted || (known?.data.length === 0 && !error);
  return (
    <Command label={t("palette.title")} loop value={value} onValueChange={setValue}>
      <div className="flex items-center gap-2.5 border-b px-3.5">
        <Search className="size-4 shrink-0 text-ink-3" aria-hidden />
        <Command.Input
          autoFocus
          value={typed}
          onValueChange={setTyped}
          maxLength={LONGEST_SEARCH}
          placeholder={t("palette.placeholder")}
          className="h-11 w-full bg-transparent text-base outline-none"
        />
        <Kbd keys="Esc" />
      </div>
      <Command.List className="max-h-[min(22rem,60vh)] scroll-py-2 overflow-y-auto p-1.5">
        {isEmpty && <Command.Empty className="px-2 py-6 text-center text-ink-3">{t("palette.nothing")}</Command.Empty>}
        {GROUPS.map((group) => (
          <PaletteGroup
            key={group}
            heading={t(`palette.groups.${group}`)}
            actions={actions.filter((action) => action.group === group)}
            onRun={run}
          />
        ))}
        <PaletteResults found={found} groupClassName={GROUP} />
      </Command.List>
      <PaletteSearchState {...search} />
    </Command>
  );
}

interface PaletteGroupProps {
  heading: string;
  actions: readonly Action[];
  onRun: (action: Action) => void;
}

function PaletteGroup({ heading, actions, onRun }: PaletteGroupProps) {
  if (actions.length === 0) return null;
  return (
    <Command.Group
      heading={heading}
      className={GROUP}
    >
      {actions.map((action) => (
        <Command.Item
          key={action.id}
          value={action.id}
          keywords={[action.label, ...(action.words ?? [])]}
          onSelect={() => onRun(action)}
          className="layer-item min-h-8"
        >
          <span className="shrink-0 text-ink-3 [&_svg]:size-4">{action.icon}</span>
          <span className="min-w-0 grow truncate"><PersonsName>{action.label}</PersonsName></span>
          {action.keys && <Shortcut keys={action.keys} />}
        </Command.Item>
      ))}
    </Command.Group>
  );
}
