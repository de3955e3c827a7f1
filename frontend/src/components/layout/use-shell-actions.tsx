"use client";

import { Languages, Keyboard, Search } from "lucide-react";
import { useRouter } from "next/navigation";
import { useTranslations } from "next-intl";
import { useTheme } from "next-themes";
import { useEffect, useMemo } from "react";

import { type Action, currentActions, useOfferActions } from "@/lib/actions";
import { LOCALES } from "@/lib/i18n/locale";
import { useLocaleSwitch } from "@/lib/i18n/use-locale-switch";
import { areCharacterKeysOn } from "@/lib/character-keys";
import { belongsToFocus, isOfCharacters, readStroke, strokeOf } from "@/lib/keys";
import { THEME_ICON, THEMES } from "./look";
import { openOverlay } from "./overlays";
import { PAGES } from "./pages";

const SEQUENCE_MS = 1200;

/** What can be done on every page. */
export function useShellActions(): void {
  const t = useTranslations("nav");
  const router = useRouter();
  const { setTheme } = useTheme();
  const { locale, choose } = useLocaleSwitch();
  const actions = useMemo<Action[]>(
    () => [
      ...PAGES.map(({ name, href, keys, icon: Icon }): Action => {
        const run = () => router.push(href);
        return { id: `go:${href}`, group: "go", label: t(`pages.${name}`), words: [name], keys, icon: <Icon aria-hidden />, run };
      }),
      ...THEMES.map((theme): Action => {
        const Icon = THEME_ICON[theme];
        const label = `${t("theme.label")}: ${t(`theme.${theme}`)}`;
        return { id: `theme:${theme}`, group: "look", label, words: ["theme", theme], icon: <Icon aria-hidden />, run: () => setTheme(theme) };
      }),
      ...LOCALES.filter((one) => one !== locale).map((one): Action => {
        const words = ["language", "言語", one];
        return { id: `language:${one}`, group: "look", label: t(`language.${one}`), words, icon: <Languages aria-hidden />, run: () => choose(one) };
      }),
      { id: "palette", group: "help", label: t("palette.title"), keys: "mod+k", icon: <Search aria-hidden />, run: () => openOverlay("palette") },
      { id: "shortcuts", group: "help", label: t("shortcuts.title"), keys: "?", icon: <Keyboard aria-hidden />, run: () => openOverlay("shortcuts") },
    ],
    [t, router, setTheme, locale, choose],
  );
  useOfferActions("shell", actions);
  useShortcuts();
}

/** Keys do what the actions of the moment say. */
function useShortcuts(): void {
  useEffect(() => {
    let pressed: readonly string[] = [];
    let timer: ReturnType<typeof setTimeout> | undefined;
    const listen = (event: KeyboardEvent) => {
      if (belongsToFocus(event)) return;
      const works = (keys: string) => areCharacterKeysOn() || !isOfCharacters(keys);
      const bound = currentActions().filter(({ keys }) => keys !== undefined && works(keys));
      const step = readStroke(pressed, strokeOf(event), bound.map((action) => action.keys ?? ""));
      pressed = step.pressed;
      clearTimeout(timer);
      timer = setTimeout(() => (pressed = []), SEQUENCE_MS);
      if (!step.match) return;
      event.preventDefault();
      bound.find((action) => action.keys === step.match)?.run();
    };
    window.addEventListener("keydown", listen);
    return () => {
      clearTimeout(timer);
      window.removeEventListener("keydown", listen);
    };
  }, []);
}
