"use client";

import { Switch as Base } from "@base-ui/react/switch";
import type { ReactNode } from "react";

import { cn } from "@/lib/cn";

interface SwitchProps {
  label: ReactNode;
  checked?: boolean;
  defaultChecked?: boolean;
  onChange?: (checked: boolean) => void;
  disabled?: boolean;
  className?: string;
}

/** On or off, at once. */
export function Switch({ label, onChange, className, disabled, ...rest }: SwitchProps) {
  return (
    <label className={cn("inline-flex items-center gap-2", disabled ? "text-ink-3" : "cursor-pointer", className)}>
      <Base.Root
        {...rest}
        disabled={disabled}
        onCheckedChange={(checked) => onChange?.(checked)}
        className="flex h-4.5 w-8 shrink-0 rounded-full bg-control p-0.5 transition-colors data-checked:bg-ai data-disabled:opacity-50"
      >
        <Base.Thumb className="size-3.5 rounded-full bg-panel transition-transform ease-out data-checked:translate-x-3.5" />
      </Base.Root>
      <span>{label}</span>
    </label>
  );
}
