"use client";

import { Button as Base } from "@base-ui/react/button";
import type { VariantProps } from "class-variance-authority";
import type { ComponentProps, ReactNode } from "react";

import { cn } from "@/lib/cn";
import { buttonStyle } from "./button-style";
import { Spinner } from "./spinner";

interface ButtonProps extends ComponentProps<typeof Base>, VariantProps<typeof buttonStyle> {
  /** Under way: keeps its width and its focus, and cannot be pressed again. */
  pending?: boolean;
  children: ReactNode;
}

export function Button({ variant, size, pending = false, disabled, className, children, ...rest }: ButtonProps) {
  return (
    <Base
      {...rest}
      disabled={disabled || pending}
      focusableWhenDisabled={pending || rest.focusableWhenDisabled}
      aria-busy={pending || undefined}
      className={cn(buttonStyle({ variant, size }), className as string | undefined)}
    >
      {pending ? <span className="inline-flex items-center gap-1.5 opacity-0">{children}</span> : children}
      {pending && <Spinner className="absolute" />}
    </Base>
  );
}
