"use client";

import { Select as Base } from "@base-ui/react/select";
import { Check, ChevronsUpDown } from "lucide-react";
import { useTranslations } from "next-intl";

import { cn } from "@/lib/cn";

export interface Option<Value extends string = string> {
  value: Value;
  label: string;
  /** A few words behind the label. */
  hint?: string;
  disabled?: boolean;
}

interface SelectProps<Value extends string> {
  options: readonly Option<Value>[];
  value?: Value | null;
  defaultValue?: Value | null;
  onChange?: (value: Value) => void;
  placeholder?: string;
  disabled?: boolean;
  /** Where no Field gives it a label. */
  label?: string;
  className?: string;
}

/** One of a few. Beyond about twelve take a Combobox. */
export function Select<Value extends string>(props: SelectProps<Value>) {
  const t = useTranslations("ui.select");
  return (
    <Base.Root
      items={props.options}
      value={props.value}
      defaultValue={props.defaultValue}
      onValueChange={(value: Value | null) => value !== null && props.onChange?.(value)}
      disabled={props.disabled}
    >
      <Base.Trigger
        aria-label={props.label}
        className={cn(
          "control flex h-8 w-full items-center justify-between gap-2 pr-2 pl-2.5 text-left select-none",
          props.className,
        )}
      >
        <Base.Value placeholder={props.placeholder ?? t("placeholder")} className="truncate data-placeholder:text-ink-3" />
        <Base.Icon className="shrink-0 text-ink-3">
          <ChevronsUpDown className="size-3.5" aria-hidden />
        </Base.Icon>
      </Base.Trigger>
      <Base.Portal>
        <Base.Positioner sideOffset={4} alignItemWithTrigger={false} className="z-50 outline-none">
          <Base.Popup className="layer min-w-(--anchor-width) max-w-(--available-width) outline-none">
            <Base.List className="max-h-[min(20rem,var(--available-height))] scroll-py-1 overflow-y-auto p-1">
              {props.options.map((option) => (
                <Base.Item key={option.value} value={option.value} disabled={option.disabled} className="layer-item">
                  <Base.ItemText className="min-w-0 grow">{option.label}</Base.ItemText>
                  {option.hint && <span className="shrink-0 text-xs text-ink-3">{option.hint}</span>}
                  <span className="size-3.5 shrink-0">
                    <Base.ItemIndicator>
                      <Check className="size-3.5" aria-hidden />
                    </Base.ItemIndicator>
                  </span>
                </Base.Item>
              ))}
            </Base.List>
          </Base.Popup>
        </Base.Positioner>
      </Base.Portal>
    </Base.Root>
  );
}
