"use client";

import { Select as Base } from "@base-ui/react/select";

import { groupsOf, type Option } from "./option";
import { GROUP_LABEL, OptionTail } from "./option-tail";
import { PersonsName } from "./persons-name";

interface SelectLayerProps {
  anchor: HTMLElement;
  listId: string;
  open: boolean;
  onOpenChange: (open: boolean) => void;
  options: readonly Option[];
  value: string | null;
  onChange: (value: string) => void;
}

/** What a Select opens. */
export function SelectLayer({ anchor, listId, open, onOpenChange, options, value, onChange }: SelectLayerProps) {
  const groups = groupsOf(options);
  const item = (option: Option) => (
    <Base.Item key={option.value} value={option.value} disabled={option.disabled} className="layer-item">
      <Base.ItemText className="min-w-0 grow"><PersonsName>{option.label}</PersonsName></Base.ItemText>
      <OptionTail hint={option.hint} />
    </Base.Item>
  );
  return (
    <Base.Root
      items={options}
      value={value}
      onValueChange={(next) => next !== null && onChange(next)}
      open={open}
      onOpenChange={onOpenChange}
    >
      <Base.Portal>
        <Base.Positioner anchor={anchor} sideOffset={4} alignItemWithTrigger={false} className="z-50 outline-none">
          <Base.Popup finalFocus={() => anchor} className="layer min-w-(--anchor-width) max-w-(--available-width) outline-none">
            <Base.List id={listId} className="max-h-[min(20rem,var(--available-height))] scroll-py-1 overflow-y-auto p-1">
              {groups ? groups.map((group) => (
                <Base.Group key={group.value}>
                  {group.value && <Base.GroupLabel className={GROUP_LABEL}>{group.value}</Base.GroupLabel>}
                  {group.items.map(item)}
                </Base.Group>
              )) : options.map(item)}
            </Base.List>
          </Base.Popup>
        </Base.Positioner>
      </Base.Portal>
    </Base.Root>
  );
}
