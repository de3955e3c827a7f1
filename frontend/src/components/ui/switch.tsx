"use client";

import { type ReactNode, useId } from "react";

import { cn } from "@/lib/cn";
import { useField } from "./field-context";

interface SwitchProps {
  label: ReactNode;
  checked?: boolean;
  defaultChecked?: boolean;
  onChange?: (checked: boolean) => void;
  disabled?: boolean;
  className?: string;
}

/** On or off, at once. Within a Field it is named by both labels. */
export function Switch({ label, onChange, className, disabled, ...rest }: SwitchProps) {
  const field = useField();
  const id = useId();
  return (
    <label className={cn("inline-flex items-center gap-2", disabled ? "text-ink-3" : "cursor-pointer", className)}>
      <input
        {...rest}
        id={field?.id}
        type="checkbox"
        role="switch"
        disabled={disabled}
        aria-labelledby={field ? `${field.labelId} ${id}` : undefined}
        aria-describedby={field?.describedBy}
        onChange={(event) => onChange?.(event.currentTarget.checked)}
        className="h-4.5 w-8 shrink-0 cursor-[inherit] appearance-none rounded-full bg-control p-0.5 transition-colors before:block before:size-3.5 before:rounded-full before:bg-panel before:transition-transform before:ease-out checked:bg-ai checked:before:translate-x-3.5 disabled:opacity-50"
      />
      <span id={id}>{label}</span>
    </label>
  );
}
