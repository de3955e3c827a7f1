"use client";

import { Combobox as Base } from "@base-ui/react/combobox";
import { ChevronsUpDown, X } from "lucide-react";
import { useTranslations } from "next-intl";
import { useState } from "react";

import { cn } from "@/lib/cn";
import type { ComboboxProps, Reached } from "./combobox";
import { useField } from "./field-context";
import { groupsOf, type Option, type OptionGroup } from "./option";
import { GROUP_LABEL, OptionTail } from "./option-tail";
import { PersonsName } from "./persons-name";

interface ComboboxLayerProps extends ComboboxProps {
  by: Reached;
}

/** How many are drawn at once; the others are found by typing. */
const MOST_SHOWN = 200;

/** What takes the place of a Combobox at rest. */
export function ComboboxLayer({ by, ...props }: ComboboxLayerProps) {
  const { options, value, defaultValue, onChange, optionFor, onSought, placeholder, disabled, required, label, className } = props;
  const t = useTranslations("ui.combobox");
  const field = useField();
  const [typed, setTyped] = useState("");
  const meant = optionFor?.(typed) ?? null;
  const offered = meant && !options.some((one) => one.value === meant.value) ? [...options, meant] : options;
  const groups = groupsOf(offered);
  const isChosen = options.some(({ label }) => label === typed);
  const sought = isChosen ? "" : typed;
  const hasMore = offered.length > MOST_SHOWN && offered.filter((option) => holds(option, sought)).length > MOST_SHOWN;
  const [isOpen, setOpen] = useState(by === "press");
  const look = (next: string, details: Base.Root.ChangeEventDetails) => {
    // The options have come anew, and Base UI would put the chosen one's label in place of what is being typed.
    if (isOpen && details.reason === "none") return details.cancel();
    setTyped(next);
    onSought?.(options.some(({ label }) => label === next) ? "" : next);
  };
  const isFound = (option: Option, sought: string) => option === meant || holds(option, sought);
  const optionOf = (wanted: string | null | undefined) =>
    wanted === undefined ? undefined : (options.find((one) => one.value === wanted) ?? null);
  return (
    <Base.Root
      items={groups ?? offered}
      filter={optionFor ? isFound : undefined}
      onInputValueChange={look}
      onOpenChange={setOpen}
      limit={MOST_SHOWN}
      value={optionOf(value)}
      defaultValue={optionOf(defaultValue)}
      onValueChange={(option: Option | null) => onChange?.(option?.value ?? null)}
      isItemEqualToValue={(one: Option, other: Option) => one.value === other.value}
      disabled={disabled ?? field?.disabled}
      defaultOpen={by === "press"}
    >
      <Base.InputGroup className={cn("control relative flex items-center weak:h-8 weak:w-full", className)}>
        <Base.Input
          id={field?.id}
          aria-label={label}
          aria-describedby={field?.describedBy}
          aria-invalid={field?.isInvalid || undefined}
          autoFocus={by !== "pointer"}
          placeholder={placeholder ?? t("placeholder")}
          className="h-full w-full min-w-0 truncate rounded-md bg-transparent pr-14 pl-2.5 outline-none"
        />
        <span className="absolute right-1.5 flex items-center text-ink-3">
          {!required && (
            <Base.Clear aria-label={t("clear")} className="grid size-6 place-items-center rounded-sm hover:text-ink">
              <X className="size-3.5" aria-hidden />
            </Base.Clear>
          )}
          <Base.Trigger aria-label={t("open")} className="grid size-6 place-items-center rounded-sm hover:text-ink">
            <ChevronsUpDown className="size-3.5" aria-hidden />
          </Base.Trigger>
        </span>
      </Base.InputGroup>
      <Base.Portal>
        <Base.Positioner sideOffset={4} className="z-50 outline-none">
          <Base.Popup className="layer w-(--anchor-width) max-w-(--available-width)">
            <Base.Empty>
              <div className="px-3 py-2 text-ink-3">{t("nothing")}</div>
            </Base.Empty>
            <Base.List className="max-h-[min(20rem,var(--available-height))] scroll-py-1 overflow-y-auto overscroll-contain p-1 outline-none data-empty:p-0">
              {groups ? groupOf : itemOf}
            </Base.List>
            {hasMore && <p className="border-t px-3 py-2 text-xs text-ink-3">{t("more", { count: MOST_SHOWN })}</p>}
          </Base.Popup>
        </Base.Positioner>
      </Base.Portal>
    </Base.Root>
  );
}

function itemOf(option: Option) {
  return (
    <Base.Item key={option.value} value={option} disabled={option.disabled} className="layer-item">
      <span className="min-w-0 grow truncate"><PersonsName>{option.label}</PersonsName></span>
      <OptionTail hint={option.hint} />
    </Base.Item>
  );
}

function groupOf(group: OptionGroup) {
  return (
    <Base.Group key={group.value} items={group.items}>
      {group.value && <Base.GroupLabel className={GROUP_LABEL}>{group.value}</Base.GroupLabel>}
      <Base.Collection>{itemOf}</Base.Collection>
    </Base.Group>
  );
}

function holds({ label, value }: Option, sought: string): boolean {
  const plain = (text: string) => text.normalize("NFKC").toLowerCase();
  return plain(label).includes(plain(sought.trim())) || plain(value).includes(plain(sought.trim()));
}
