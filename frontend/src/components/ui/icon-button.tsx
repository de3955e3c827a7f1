"use client";

import type { ComponentProps, ReactNode } from "react";

import { cn } from "@/lib/cn";
import { Button } from "./button";
import { Tooltip } from "./tooltip";

interface IconButtonProps extends Omit<ComponentProps<typeof Button>, "children" | "aria-label"> {
  /** What it does: read aloud, and shown on hover and focus. */
  label: string;
  /** Keys that do the same. */
  keys?: string;
  children: ReactNode;
}

const WIDTH = { sm: "w-6", md: "w-7", lg: "w-8" } as const;

export function IconButton({ label, keys, size = "md", variant = "quiet", className, children, ...rest }: IconButtonProps) {
  return (
    <Tooltip content={label} keys={keys}>
      <Button {...rest} variant={variant} size={size} aria-label={label} className={cn("px-0", WIDTH[size ?? "md"], className)}>
        {children}
      </Button>
    </Tooltip>
  );
}
