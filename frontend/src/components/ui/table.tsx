import type { ComponentProps } from "react";

import { cn } from "@/lib/cn";

interface TableProps extends ComponentProps<"table"> {
  /** What the table holds: read before it, not shown. */
  caption: string;
}

/** A plain table that scrolls sideways where it does not fit. */
export function Table({ caption, className, children, ...rest }: TableProps) {
  return (
    // What only those who listen get is placed within it: else it would widen the page.
    <div className="relative overflow-x-auto last:rounded-b-[calc(var(--radius-lg)-1px)]" role="region" aria-label={caption} tabIndex={0}>
      <table {...rest} className={cn("w-full border-collapse text-left", className)}>
        <caption className="sr-only">{caption}</caption>
        {children}
      </table>
    </div>
  );
}

interface CellProps extends ComponentProps<"td"> {
  /** Numbers stand at the right so that they line up. */
  numeric?: boolean;
}

export function Th({ numeric, className, ...rest }: CellProps & ComponentProps<"th">) {
  return (
    <th
      scope="col"
      {...rest}
      className={cn("h-8 weak:border-b px-2 text-xs font-normal weak:whitespace-nowrap text-ink-3", numeric && "text-right", className)}
    />
  );
}

export function Tr({ className, ...rest }: ComponentProps<"tr">) {
  return (
    <tr
      {...rest}
      className={cn("transition-colors last:border-b-0 weak:border-b aria-selected:bg-ai-soft [tbody>&]:hover:bg-hover", className)}
    />
  );
}

export function Td({ numeric, className, ...rest }: CellProps) {
  return <td {...rest} className={cn("h-8 px-2 py-1", numeric && "text-right whitespace-nowrap", className)} />;
}
