import type { ReactNode } from "react";

import { cn } from "@/lib/cn";
import { closed } from "@/lib/isolate";

/** A name that a person gave: its direction turns nothing around it, and however long it is, it breaks. */
export function PersonsName({ children, className }: { children: ReactNode; className?: string }) {
  return <bdi className={cn("[overflow-wrap:anywhere]", className)}>{typeof children === "string" ? closed(children) : children}</bdi>;
}
