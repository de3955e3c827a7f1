"use client";

import { usePathname } from "next/navigation";
import { useTranslations } from "next-intl";
import { useEffect } from "react";

import { Link } from "@/components/ui/link";
import { PersonsName } from "@/components/ui/persons-name";
import { isolated } from "@/lib/isolate";

import { useCrumb } from "./crumb";
import { trailOf } from "./pages";

export function Breadcrumb() {
  const t = useTranslations("nav");
  const trail = trailOf(usePathname());
  const label = useCrumb((crumb) => crumb.label);
  const last = label ?? null;
  useTitle(last);
  return (
    <nav aria-label={t("breadcrumb")} className="min-w-0">
      <ol className="flex min-w-0 items-center gap-1.5 whitespace-nowrap">
        {trail.map((page, index) => {
          const here = !last && index === trail.length - 1;
          return (
            <li key={page.href} className="flex shrink-0 items-center gap-1.5">
              {index > 0 && <Slash />}
              {here ? (
                <span aria-current="page" className="truncate font-medium">
                  {t(`pages.${page.name}`)}
                </span>
              ) : (
                <Link href={page.href} className="rounded-sm text-ink-3 transition-colors hover:text-ink">
                  {t(`pages.${page.name}`)}
                </Link>
              )}
            </li>
          );
        })}
        {last && (
          <li className="flex min-w-0 items-center gap-1.5">
            {trail.length > 0 && <Slash />}
            <span aria-current="page" className="truncate font-medium">
              <PersonsName>{last}</PersonsName>
            </span>
          </li>
        )}
      </ol>
    </nav>
  );
}

/**
 * The document is called by what the page shows; as the server called it where the page shows nothing of its own.
 * The server's title may come after the page's (Next writes it again when it is done with the head), and yields.
 */
function useTitle(name: string | null): void {
  useEffect(() => {
    if (!name) return;
    let delivered = document.title;
    let own = "";
    const write = () => {
      if (document.title === own) return;
      delivered = document.title;
      document.title = `${isolated(name)} · llmlora`;
      own = document.title; // read back: the document folds spaces
    };
    write();
    const later = new MutationObserver(write);
    later.observe(document.head, { childList: true, subtree: true, characterData: true });
    return () => {
      later.disconnect();
      if (document.title === own) document.title = delivered;
    };
  }, [name]);
}

function Slash() {
  return (
    <svg viewBox="0 0 6 14" className="h-3.5 w-1.5 shrink-0 text-line-strong" stroke="currentColor" aria-hidden>
      <path d="M5 1 1 13" />
    </svg>
  );
}
