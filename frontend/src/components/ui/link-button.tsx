import type { VariantProps } from "class-variance-authority";
import type { ComponentProps } from "react";

import { cn } from "@/lib/cn";
import { buttonStyle } from "./button-style";
import { Link } from "./link";

type LinkButtonProps = ComponentProps<typeof Link> & VariantProps<typeof buttonStyle>;

/** A link that looks like a button: for going somewhere, where a button does something. */
export function LinkButton({ variant, size, className, ...rest }: LinkButtonProps) {
  return <Link {...rest} className={cn(buttonStyle({ variant, size }), className)} />;
}
