import type { ReactNode } from "react";

import { cn } from "@/lib/cn";

interface PageProps {
  title: ReactNode;
  /** Behind the title: the state. */
  badge?: ReactNode;
  /** Under the title: one sentence, or the facts of the thing. */
  description?: ReactNode;
  /** Right of the title, the chosen one last. */
  actions?: ReactNode;
  /** Without the limit of the width: for pages that are one large table. */
  wide?: boolean;
  children: ReactNode;
}

/** The frame of every page: its title, its actions, its content. */
export function Page({ title, badge, description, actions, wide, children }: PageProps) {
  return (
    <div className={cn("px-4 pt-4.5 pb-10 md:px-5", !wide && "max-w-[78rem]")}>
      <div className="mb-3.5 flex flex-wrap items-start gap-x-4 gap-y-2">
        <div className="min-w-0 grow basis-72">
          <div className="flex min-h-7 flex-wrap items-center gap-x-2.5 gap-y-1">
            <h1 className="text-xl font-semibold text-balance [overflow-wrap:anywhere]">{title}</h1>
            {badge}
          </div>
          {description && <div className="mt-0.5 text-pretty text-ink-2">{description}</div>}
        </div>
        {actions && <div className="flex flex-wrap items-center gap-2">{actions}</div>}
      </div>
      {children}
    </div>
  );
}
