"use client";

import { ChevronsUpDown } from "lucide-react";
import { useTranslations } from "next-intl";
import { type KeyboardEvent, useId, useState } from "react";

import { cn } from "@/lib/cn";
import { useField, useFieldAttributes } from "./field-context";
import { lazyLayer } from "./lazy-layer";
import type { Option } from "./option";
import { PersonsName } from "./persons-name";

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

const SelectLayer = lazyLayer(() => import("./select-layer").then((module) => module.SelectLayer), "listbox");
const OPENING_KEYS = ["ArrowDown", "ArrowUp"];

/** One of a few. Beyond about twelve take a Combobox. */
export function Select<Value extends string>({ options, value: given, defaultValue = null, ...props }: SelectProps<Value>) {
  const t = useTranslations("ui.select");
  const field = useField();
  const attributes = useFieldAttributes();
  const listId = useId();
  const [own, setOwn] = useState<string | null>(defaultValue);
  const [anchor, setAnchor] = useState<HTMLElement | null>(null);
  const [isOpen, setOpen] = useState(false);
  const value = given === undefined ? own : given;
  const chosen = options.find((option) => option.value === value);
  const open = (element: HTMLElement) => {
    setAnchor(element);
    setOpen(true);
  };
  const choose = (next: string) => {
    setOwn(next);
    const option = options.find((one) => one.value === next);
    if (option) props.onChange?.(option.value);
  };
  const onKeyDown = (event: KeyboardEvent<HTMLElement>) => {
    const meant = optionAfter(options, chosen, event);
    if (meant) choose(meant.value);
    if (!OPENING_KEYS.includes(event.key)) return;
    event.preventDefault();
    open(event.currentTarget);
  };
  return (
    <>
      <button
        {...attributes}
        type="button"
        role="combobox"
        aria-haspopup="listbox"
        aria-expanded={isOpen}
        aria-controls={isOpen ? listId : undefined}
        aria-label={props.label}
        aria-labelledby={props.label ? undefined : field?.labelId}
        disabled={props.disabled ?? field?.disabled}
        data-popup-open={isOpen ? "" : undefined}
        onClick={(event) => open(event.currentTarget)}
        onKeyDown={onKeyDown}
        className={cn(
          "control flex items-center weak:h-8 weak:w-full justify-between gap-2 pr-2 pl-2.5 text-left select-none",
          props.className,
        )}
      >
        <span className={cn("truncate", !chosen && "text-ink-3")}><PersonsName>{chosen?.label ?? props.placeholder ?? t("placeholder")}</PersonsName></span>
        <ChevronsUpDown className="size-3.5 shrink-0 text-ink-3" aria-hidden />
      </button>
      {anchor && (
        <SelectLayer
          anchor={anchor}
          listId={listId}
          open={isOpen}
          onOpenChange={setOpen}
          options={options}
          value={value}
          onChange={choose}
        />
      )}
    </>
  );
}

/** A letter chooses the next option that begins with it, without opening the list. */
function optionAfter<Value extends string>(options: readonly Option<Value>[], chosen: Option<Value> | undefined, event: KeyboardEvent) {
  if (event.key.length !== 1 || event.key === " " || event.ctrlKey || event.metaKey || event.altKey) return undefined;
  const start = chosen ? options.indexOf(chosen) + 1 : 0;
  return [...options.slice(start), ...options.slice(0, start)].find(
    ({ label, disabled }) => !disabled && label.toLowerCase().startsWith(event.key.toLowerCase()),
  );
}
