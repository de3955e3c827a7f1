"use client";

import type { ReactNode } from "react";

import { cn } from "@/lib/cn";
import { rove } from "./roving";

interface SegmentedProps<Value extends string> {
  label: string;
  value: Value;
  onChange: (value: Value) => void;
  options: readonly { value: Value; label: ReactNode; name?: string; disabled?: boolean }[];
  className?: string;
}

/** Exactly one of two to five, all in sight: in more than one line where there is little room. `name` is read aloud where the label is only an icon. */
export function Segmented<Value extends string>({ label, value, onChange, options, className }: SegmentedProps<Value>) {
  const entry = options.find((option) => option.value === value && !option.disabled) ?? options.find((option) => !option.disabled);
  return (
    <div
      role="group"
      aria-label={label}
      onKeyDown={rove}
      className={cn("inline-flex max-w-full flex-wrap rounded-md border border-line-strong bg-sunk p-0.5 weak:min-h-7", className)}
    >
      {options.map((option) => (
        <button
          key={option.value}
          type="button"
          disabled={option.disabled}
          tabIndex={option === entry ? 0 : -1}
          aria-label={option.name}
          aria-pressed={option.value === value}
          onClick={() => onChange(option.value)}
          className="flex min-h-5.5 grow items-center justify-center gap-1.5 rounded-sm border border-transparent px-2.5 text-xs text-ink-2 transition-colors hover:text-ink disabled:text-ink-3 aria-pressed:border-line-strong aria-pressed:bg-panel aria-pressed:font-medium aria-pressed:text-ink [&_svg]:size-3.5"
        >
          {option.label}
        </button>
      ))}
    </div>
  );
}
