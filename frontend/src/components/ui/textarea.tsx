"use client";

import type { ComponentProps } from "react";

import { cn } from "@/lib/cn";
import { useFieldAttributes } from "./field-context";

/** Grows with its text up to a third of the window, then scrolls. */
export function Textarea({ className, rows = 3, ...rest }: ComponentProps<"textarea">) {
  return (
    <textarea
      {...useFieldAttributes()}
      {...rest}
      rows={rows}
      className={cn("control field-sizing-content max-h-[33vh] w-full px-2.5 weak:resize-y py-1.5", className)}
    />
  );
}
