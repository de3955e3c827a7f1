"use client";

import { Check, Minus } from "lucide-react";
import { type ChangeEvent, type ReactNode, useEffect, useRef } from "react";

import { cn } from "@/lib/cn";

interface CheckboxProps {
  label: ReactNode;
  /** Only for those who listen, as in a table's row. */
  hideLabel?: boolean;
  checked?: boolean;
  defaultChecked?: boolean;
  indeterminate?: boolean;
  onChange?: (checked: boolean, event: ChangeEvent<HTMLInputElement>) => void;
  disabled?: boolean;
  className?: string;
}

export function Checkbox({ label, hideLabel, indeterminate = false, onChange, className, disabled, ...rest }: CheckboxProps) {
  const box = useRef<HTMLInputElement>(null);
  const Mark = indeterminate ? Minus : Check;
  useEffect(() => {
    if (box.current) box.current.indeterminate = indeterminate;
  }, [indeterminate]);
  return (
    <label className={cn("inline-flex items-center gap-2", disabled ? "text-ink-3" : "cursor-pointer", className)}>
      <span className="relative grid size-4 shrink-0 place-items-center">
        <input
          {...rest}
          ref={box}
          type="checkbox"
          disabled={disabled}
          onChange={(event) => onChange?.(event.currentTarget.checked, event)}
          className="peer absolute inset-0 cursor-[inherit] appearance-none rounded-sm border border-control bg-panel transition-colors checked:border-ai checked:bg-ai indeterminate:border-ai indeterminate:bg-ai disabled:opacity-50"
        />
        <Mark
          className="pointer-events-none invisible relative size-3 text-on-ai peer-checked:visible peer-indeterminate:visible"
          strokeWidth={3}
          aria-hidden
        />
      </span>
      <span className={cn(hideLabel && "sr-only")}>{label}</span>
    </label>
  );
}
