"use client";

import { Toggle } from "@base-ui/react/toggle";
import { ToggleGroup } from "@base-ui/react/toggle-group";
import type { ReactNode } from "react";

import { cn } from "@/lib/cn";

interface SegmentedProps<Value extends string> {
  label: string;
  value: Value;
  onChange: (value: Value) => void;
  options: readonly { value: Value; label: ReactNode; name?: string; disabled?: boolean }[];
  className?: string;
}

/** Exactly one of two to five, all in sight. `name` is read aloud where the label is only an icon. */
export function Segmented<Value extends string>({ label, value, onChange, options, className }: SegmentedProps<Value>) {
  return (
    <ToggleGroup
      aria-label={label}
      value={[value]}
      onValueChange={(next) => {
        const chosen = options.find((option) => option.value === next[0]);
        if (chosen) onChange(chosen.value);
      }}
      className={cn("inline-flex h-7 rounded-md border border-line-strong bg-sunk p-0.5", className)}
    >
      {options.map((option) => (
        <Toggle
          key={option.value}
          value={option.value}
          disabled={option.disabled}
          aria-label={option.name}
          className="flex items-center justify-center gap-1.5 rounded-sm border border-transparent px-2.5 text-xs text-ink-2 transition-colors hover:text-ink data-disabled:text-ink-3 data-pressed:border-line-strong data-pressed:bg-panel data-pressed:font-medium data-pressed:text-ink [&_svg]:size-3.5"
        >
          {option.label}
        </Toggle>
      ))}
    </ToggleGroup>
  );
}
