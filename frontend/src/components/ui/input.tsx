"use client";

import { Input as Base } from "@base-ui/react/input";
import type { ComponentProps, ReactNode } from "react";

import { cn } from "@/lib/cn";

interface InputProps extends ComponentProps<typeof Base> {
  /** Before the text: an icon. */
  before?: ReactNode;
  /** Behind the text: a unit. */
  after?: ReactNode;
}

export function Input({ before, after, className, ...rest }: InputProps) {
  if (!before && !after) return <Base {...rest} className={cn("control h-8 w-full px-2.5", className as string)} />;
  return (
    <span className="relative flex w-full items-center">
      {before && <span className="pointer-events-none absolute left-2.5 text-ink-3 [&_svg]:size-4">{before}</span>}
      <Base
        {...rest}
        className={cn("control h-8 w-full px-2.5", before && "pl-8", after && "pr-12", className as string)}
      />
      {after && <span className="pointer-events-none absolute right-2.5 text-xs text-ink-3">{after}</span>}
    </span>
  );
}
