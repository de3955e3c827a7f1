"use client";

import { useRouter } from "next/navigation";
import { useLocale } from "next-intl";
import { useCallback, useTransition } from "react";

import { type Locale, localeCookie } from "./locale";

interface LocaleSwitch {
  locale: Locale;
  pending: boolean;
  choose: (locale: Locale) => void;
}

/** The page's language, and how to change it without losing what stands on the page. */
export function useLocaleSwitch(): LocaleSwitch {
  const router = useRouter();
  const locale = useLocale();
  const [pending, start] = useTransition();
  const choose = useCallback(
    (next: Locale) => {
      document.cookie = localeCookie(next);
      start(() => router.refresh());
    },
    [router],
  );
  return { locale, pending, choose };
}
