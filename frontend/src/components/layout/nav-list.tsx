"use client";

import { usePathname } from "next/navigation";
import { useTranslations } from "next-intl";
import { type ReactNode, useId } from "react";

import { Link } from "@/components/ui/link";
import { cn } from "@/lib/cn";
import { GROUPS, markedAt, PAGES, type PageName } from "./pages";

/** Behind the word: how many there are. */
export type NavCounts = Partial<Record<PageName, ReactNode>>;

interface NavListProps {
  counts?: NavCounts;
  /** Larger targets, for fingers. */
  roomy?: boolean;
  onFollow?: () => void;
}

/** All pages of the rail, by what one does with them. A group of one page needs no word of its own. */
export function NavList({ counts, roomy, onFollow }: NavListProps) {
  const t = useTranslations("nav");
  const id = useId();
  const marked = markedAt(usePathname());
  const groups = GROUPS.map((group) => ({ group, pages: PAGES.filter((page) => page.group === group) })).filter(({ pages }) => pages.length > 0);
  return (
    <nav aria-label={t("main")} className="grid gap-2">
      {groups.map(({ group, pages }) => (
        <div key={group}>
          {pages.length > 1 && (
            <p id={`${id}${group}`} className={cn("px-2 text-xs text-ink-3", roomy ? "py-1.5" : "pt-1 pb-0.5")}>
              {t(`groups.${group}`)}
            </p>
          )}
          <ul aria-labelledby={pages.length > 1 ? `${id}${group}` : undefined} className="grid gap-0.5">
            {pages.map(({ name, href, icon: Icon }) => (
              <li key={href}>
                <Link
                  href={href}
                  aria-current={marked?.href === href ? "page" : undefined}
                  onClick={onFollow}
                  className={cn(
                    "flex items-center gap-2.5 rounded-md px-2 transition-colors",
                    roomy ? "h-11 text-base" : "h-8",
                    marked?.href === href ? "bg-ai-soft font-medium text-ai-strong" : "text-ink-2 hover:bg-hover hover:text-ink",
                  )}
                >
                  <Icon className="size-4 shrink-0" strokeWidth={1.75} aria-hidden />
                  <span className="min-w-0 grow truncate">{t(`pages.${name}`)}</span>
                  {counts?.[name] !== undefined && <span className="text-xs text-ink-3">{counts[name]}</span>}
                </Link>
              </li>
            ))}
          </ul>
        </div>
      ))}
    </nav>
  );
}
