"use client";

import { Field } from "@base-ui/react/field";
import type { ComponentProps } from "react";

import { cn } from "@/lib/cn";

type TextareaProps = Omit<ComponentProps<"textarea">, "defaultValue" | "value"> & {
  value?: string;
  defaultValue?: string;
};

/** Grows with its text up to a third of the window, then scrolls. */
export function Textarea({ className, value, defaultValue, rows = 3, ...rest }: TextareaProps) {
  return (
    <Field.Control
      value={value}
      defaultValue={defaultValue}
      render={
        <textarea
          {...rest}
          rows={rows}
          className={cn("control field-sizing-content max-h-[33vh] w-full resize-y px-2.5 py-1.5", className)}
        />
      }
    />
  );
}
