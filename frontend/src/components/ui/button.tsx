"use client";

import type { VariantProps } from "class-variance-authority";
import type { ComponentProps, MouseEvent, ReactNode } from "react";

import { cn } from "@/lib/cn";
import { buttonStyle } from "./button-style";
import { Spinner } from "./spinner";

interface ButtonProps extends ComponentProps<"button">, VariantProps<typeof buttonStyle> {
  /** Under way: keeps its width and its focus, and cannot be pressed again. */
  pending?: boolean;
  children: ReactNode;
}

export function Button({ variant, size, pending = false, disabled, type = "button", className, onClick, children, ...rest }: ButtonProps) {
  return (
    <button
      {...rest}
      type={type}
      disabled={disabled && !pending}
      aria-disabled={pending || undefined}
      aria-busy={pending || undefined}
      data-disabled={disabled || pending ? "" : undefined}
      onClick={pending ? refuse : onClick}
      className={cn(buttonStyle({ variant, size }), className)}
    >
      {pending ? <span className="inline-flex items-center gap-1.5 opacity-0">{children}</span> : children}
      {pending && <Spinner className="absolute" />}
    </button>
  );
}

/** Neither pressed nor, in a form, sent. */
function refuse(event: MouseEvent): void {
  event.preventDefault();
}
