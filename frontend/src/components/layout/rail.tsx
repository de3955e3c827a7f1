import { useTranslations } from "next-intl";
import type { ReactNode } from "react";

import { Brand } from "./brand";
import { LanguageSwitch, ThemeSwitch } from "./look";
import { type NavCounts, NavList } from "./nav-list";

export function Rail({ counts, account }: { counts?: NavCounts; account?: ReactNode }) {
  const t = useTranslations("nav");
  return (
    <aside aria-label={t("menu")} className="sticky top-0 hidden h-dvh flex-col overflow-y-auto border-r px-2.5 py-3.5 md:flex">
      <div className="px-2 pb-3.5">
        <Brand />
      </div>
      <NavList counts={counts} />
      <div className="mt-auto grid gap-2 pt-4">
        {account}
        <div className="flex justify-between gap-2">
          <ThemeSwitch />
          <LanguageSwitch />
        </div>
      </div>
    </aside>
  );
}
