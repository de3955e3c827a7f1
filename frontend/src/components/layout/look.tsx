"use client";

import { Monitor, Moon, Sun } from "lucide-react";
import { useTranslations } from "next-intl";
import { useTheme } from "next-themes";
import { useSyncExternalStore } from "react";

import { LOCALES } from "@/lib/i18n/locale";
import { useLocaleSwitch } from "@/lib/i18n/use-locale-switch";
import { Segmented } from "@/components/ui/segmented";

export const THEMES = ["system", "light", "dark"] as const;
export const THEME_ICON = { system: Monitor, light: Sun, dark: Moon } as const;

const NEVER = () => () => undefined;

/** The theme lives in the browser; the server cannot know it. */
function useChosenTheme(): (typeof THEMES)[number] {
  const { theme } = useTheme();
  const mounted = useSyncExternalStore(NEVER, () => true, () => false);
  return (mounted && THEMES.find((one) => one === theme)) || "system";
}

export function ThemeSwitch() {
  const t = useTranslations("nav.theme");
  const { setTheme } = useTheme();
  return (
    <Segmented
      label={t("label")}
      value={useChosenTheme()}
      onChange={setTheme}
      options={THEMES.map((theme) => {
        const Icon = THEME_ICON[theme];
        return { value: theme, label: <Icon aria-hidden />, name: t(theme) };
      })}
      className="[&>button]:px-1.5"
    />
  );
}

export function LanguageSwitch() {
  const t = useTranslations("nav.language");
  const { locale, choose } = useLocaleSwitch();
  return (
    <Segmented
      label={t("label")}
      value={locale}
      onChange={choose}
      options={LOCALES.map((one) => ({ value: one, label: <span lang={one}>{t(`${one}Sign`)}</span>, name: t(one) }))}
      className="[&>button]:px-1.5"
    />
  );
}
