"use client";

import { ChevronsUpDown } from "lucide-react";
import { useTranslations } from "next-intl";
import { Suspense, useState } from "react";

import { cn } from "@/lib/cn";
import { useField, useFieldAttributes } from "./field-context";
import { lazyPart, loadedWhenReached } from "./lazy-layer";
import type { Option } from "./option";

export interface ComboboxProps {
  options: readonly Option[];
  value?: string | null;
  defaultValue?: string | null;
  onChange?: (value: string | null) => void;
  placeholder?: string;
  disabled?: boolean;
  /** What typed text means that is none of the options, where more than these can be chosen. */
  optionFor?: (typed: string) => Option | null;
  /** Told what is being looked for, where the options come by it. */
  onSought?: (typed: string) => void;
  /** Something is always chosen: it cannot be cleared. */
  required?: boolean;
  /** Where no Field gives it a label. */
  label?: string;
  className?: string;
}

const ComboboxLayer = lazyPart(loadedWhenReached(() => import("./combobox-layer").then((module) => module.ComboboxLayer), "listbox"));

/** One of many, found by typing. At rest it only shows what is chosen; what finds comes when a pointer or the focus reaches it. */
export function Combobox(props: ComboboxProps) {
  const [by, setBy] = useState<Reached | null>(null);
  const resting = <Resting {...props} onReach={(how) => setBy((before) => (before === "press" || (before && how === "pointer") ? before : how))} />;
  if (by === null) return resting;
  return (
    <Suspense fallback={resting}>
      <ComboboxLayer {...props} by={by} />
    </Suspense>
  );
}

/** How it was reached: a pointer came over it, the focus came to it, or it was pressed. */
export type Reached = "pointer" | "focus" | "press";

interface RestingProps extends ComboboxProps {
  onReach: (how: Reached) => void;
}

function Resting({ options, value, defaultValue, placeholder, disabled, label, className, onReach }: RestingProps) {
  const t = useTranslations("ui.combobox");
  const field = useField();
  const chosen = options.find((option) => option.value === (value === undefined ? defaultValue : value));
  return (
    <span className={cn("control relative flex items-center weak:h-8 weak:w-full", className)}>
      <input
        {...useFieldAttributes()}
        role="combobox"
        aria-label={label}
        aria-expanded={false}
        aria-controls={undefined}
        aria-haspopup="listbox"
        readOnly
        disabled={disabled ?? field?.disabled}
        value={chosen?.label ?? ""}
        placeholder={placeholder ?? t("placeholder")}
        onPointerEnter={() => onReach("pointer")}
        onFocus={() => onReach("focus")}
        onPointerDown={() => onReach("press")}
        onKeyDown={(event) => event.key === "Enter" && event.preventDefault()} // it sends no form before it can be used
        className="h-full w-full min-w-0 truncate rounded-md bg-transparent pr-14 pl-2.5 outline-none"
      />
      <ChevronsUpDown className="pointer-events-none absolute right-3 size-3.5 text-ink-3" aria-hidden />
    </span>
  );
}
