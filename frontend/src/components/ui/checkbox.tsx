"use client";

import { Checkbox as Base } from "@base-ui/react/checkbox";
import { Check, Minus } from "lucide-react";
import type { ReactNode } from "react";

import { cn } from "@/lib/cn";

interface CheckboxProps {
  label: ReactNode;
  /** Only for those who listen, as in a table's row. */
  hideLabel?: boolean;
  checked?: boolean;
  defaultChecked?: boolean;
  indeterminate?: boolean;
  onChange?: (checked: boolean) => void;
  disabled?: boolean;
  className?: string;
}

export function Checkbox({ label, hideLabel, onChange, className, disabled, indeterminate, ...rest }: CheckboxProps) {
  const Mark = indeterminate ? Minus : Check;
  return (
    <label className={cn("inline-flex items-center gap-2", disabled ? "text-ink-3" : "cursor-pointer", className)}>
      <Base.Root
        {...rest}
        disabled={disabled}
        indeterminate={indeterminate}
        onCheckedChange={(checked) => onChange?.(checked)}
        className="grid size-4 shrink-0 place-items-center rounded-sm border border-control bg-panel text-on-ai transition-colors data-checked:border-ai data-checked:bg-ai data-disabled:opacity-50 data-indeterminate:border-ai data-indeterminate:bg-ai"
      >
        <Base.Indicator>
          <Mark className="size-3" strokeWidth={3} aria-hidden />
        </Base.Indicator>
      </Base.Root>
      <span className={cn(hideLabel && "sr-only")}>{label}</span>
    </label>
  );
}
