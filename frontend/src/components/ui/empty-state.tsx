import type { ReactNode } from "react";

import { cn } from "@/lib/cn";

interface EmptyStateProps {
  title: ReactNode;
  /** One sentence: what to do. */
  description?: ReactNode;
  /** One button, or a few that each lead on. */
  action?: ReactNode;
  icon?: ReactNode;
  /** Where it is all that the page has, its title is the page's. */
  isPage?: boolean;
  className?: string;
}

/** Nothing here yet, and the one next step. */
export function EmptyState({ title, description, action, icon, isPage, className }: EmptyStateProps) {
  const Title = isPage ? "h1" : "p";
  return (
    <div className={cn("grid justify-items-center px-6 text-center weak:py-12", className)}>
      {icon && <span className="mb-3 text-ink-3 [&_svg]:size-6 [&_svg]:stroke-[1.5]">{icon}</span>}
      <Title className="text-base font-semibold text-balance">{title}</Title>
      {description && <p className="mt-1 max-w-md text-pretty text-ink-2">{description}</p>}
      {action && <div className="mt-4">{action}</div>}
    </div>
  );
}
