"use client";

import type { ComponentProps, ReactNode } from "react";

import { cn } from "@/lib/cn";
import { useFieldAttributes } from "./field-context";

interface InputProps extends ComponentProps<"input"> {
  onValueChange?: (value: string) => void;
  /** Before the text: an icon. */
  before?: ReactNode;
  /** Behind the text: a unit. */
  after?: ReactNode;
}

export function Input({ before, after, className, onChange, onValueChange, ...rest }: InputProps) {
  const field = useFieldAttributes();
  const input = (
    <input
      {...field}
      {...rest}
      onChange={(event) => {
        onChange?.(event);
        onValueChange?.(event.currentTarget.value);
      }}
      className={cn("control w-full weak:h-8", before ? "pl-8" : "pl-2.5", after ? "pr-12" : "pr-2.5", className)}
    />
  );
  if (!before && !after) return input;
  return (
    <span className="relative flex w-full items-center">
      {before && <span className="pointer-events-none absolute left-2.5 text-ink-3 [&_svg]:size-4">{before}</span>}
      {input}
      {after && <span className="pointer-events-none absolute right-2.5 text-xs text-ink-3">{after}</span>}
    </span>
  );
}
