import type { ReactNode } from "react";

import { cn } from "@/lib/cn";

interface CardProps {
  title?: ReactNode;
  /** Right of the title: small controls or a few words. */
  aside?: ReactNode;
  /** Without space around the content, for tables and charts that go to the edge. */
  flush?: boolean;
  className?: string;
  children: ReactNode;
}

/** A surface with a hairline around it. */
export function Card({ title, aside, flush, className, children }: CardProps) {
  const Tag = title ? "section" : "div";
  return (
    <Tag className={cn("min-w-0 rounded-lg border bg-panel", className)}>
      {(title || aside) && (
        <div className="flex min-h-10 flex-wrap items-center gap-x-3 gap-y-1 px-3.5 pt-2 pb-1">
          {title && <h2 className="text-sm font-semibold">{title}</h2>}
          {aside && <div className="ml-auto flex items-center gap-2 text-xs text-ink-3">{aside}</div>}
        </div>
      )}
      <div className={cn(!flush && "px-3.5 pb-3.5", !flush && !title && !aside && "pt-3.5")}>{children}</div>
    </Tag>
  );
}

interface SectionProps {
  title: ReactNode;
  description?: ReactNode;
  aside?: ReactNode;
  className?: string;
  children: ReactNode;
}

/** A part of a page under its own heading. */
export function Section({ title, description, aside, className, children }: SectionProps) {
  return (
    <section className={cn("min-w-0", className)}>
      <div className="mb-2 flex flex-wrap items-end gap-x-3 gap-y-1">
        <div className="min-w-0">
          <h2 className="text-base font-semibold">{title}</h2>
          {description && <p className="text-ink-3">{description}</p>}
        </div>
        {aside && <div className="ml-auto flex items-center gap-2">{aside}</div>}
      </div>
      {children}
    </section>
  );
}
