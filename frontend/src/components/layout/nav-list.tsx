"use client";

import { usePathname } from "next/navigation";
import { useTranslations } from "next-intl";
import type { ReactNode } from "react";

import { Link } from "@/components/ui/link";
import { cn } from "@/lib/cn";
import { PAGES, type PageName } from "./pages";

/** Behind the word: how many there are. */
export type NavCounts = Partial<Record<PageName, ReactNode>>;

interface NavListProps {
  counts?: NavCounts;
  /** Larger targets, for fingers. */
  roomy?: boolean;
  onFollow?: () => void;
}

export function NavList({ counts, roomy, onFollow }: NavListProps) {
  const t = useTranslations("nav");
  const pathname = usePathname();
  const groups = (["work", "support"] as const)
    .map((place) => ({ place, pages: PAGES.filter((page) => page.place === place) }))
    .filter(({ pages }) => pages.length > 0);
  return (
    <nav aria-label={t("main")} className="grid gap-2.5">
      {groups.map(({ place, pages }, index) => (
        <ul key={place} className={cn("grid gap-0.5", index > 0 && "border-t pt-2.5")}>
          {pages.map(({ name, href, icon: Icon }) => {
            const here = href === "/" ? pathname === "/" : pathname === href || pathname.startsWith(`${href}/`);
            return (
              <li key={href}>
                <Link
                  href={href}
                  aria-current={here ? "page" : undefined}
                  onClick={onFollow}
                  className={cn(
                    "flex items-center gap-2.5 rounded-md px-2 transition-colors",
                    roomy ? "h-11 text-base" : "h-8",
                    here ? "bg-ai-soft font-medium text-ai-strong" : "text-ink-2 hover:bg-hover hover:text-ink",
                  )}
                >
                  <Icon className="size-4 shrink-0" strokeWidth={1.75} aria-hidden />
                  <span className="min-w-0 grow truncate">{t(`pages.${name}`)}</span>
                  {counts?.[name] !== undefined && <span className="text-xs text-ink-3">{counts[name]}</span>}
                </Link>
              </li>
            );
          })}
        </ul>
      ))}
    </nav>
  );
}
