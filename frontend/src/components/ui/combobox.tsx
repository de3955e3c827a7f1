"use client";

import { ChevronsUpDown } from "lucide-react";
import { useTranslations } from "next-intl";
import { Suspense, useEffect, useState } from "react";

import { cn } from "@/lib/cn";
import { useField, useFieldAttributes } from "./field-context";
import { lazyPart, whenQuiet } from "./lazy-layer";
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

const ComboboxLayer = lazyPart(() => import("./combobox-layer").then((module) => module.ComboboxLayer));

/** One of many, found by typing. At rest it only shows what is chosen; what finds comes when the page is quiet or it is touched. */
export function Combobox(props: ComboboxProps) {
  const [by, setBy] = useState<"rest" | "focus" | "press" | null>(null);
  useEffect(() => whenQuiet(() => setBy((before) => before ?? "rest")), []);
  const resting = <Resting {...props} onFocus={() => setBy((before) => (before === "press" ? before : "focus"))} onPress={() => setBy("press")} />;
  if (by === null) return resting;
  return (
    <Suspense fallback={resting}>
      <ComboboxLayer {...props} by={by} />
    </Suspense>
  );
}

interface RestingProps extends ComboboxProps {
  onFocus: () => void;
  onPress: () => void;
}

function Resting({ options, value, defaultValue, placeholder, disabled, label, className, onFocus, onPress }: RestingProps) {
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
        onFocus={onFocus}
        onPointerDown={onPress}
        className="h-full w-full min-w-0 truncate rounded-md bg-transparent pr-14 pl-2.5 outline-none"
      />
      <ChevronsUpDown className="pointer-events-none absolute right-3 size-3.5 text-ink-3" aria-hidden />
    </span>
  );
}
