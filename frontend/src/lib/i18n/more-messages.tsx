"use client";

import { type Messages, NextIntlClientProvider, useLocale, useMessages } from "next-intl";
import { type ReactNode, useMemo } from "react";

import { merged, type Tree } from "./pick";

/** Messages for the parts in it, beside those that are there already. */
export function MoreMessages({ messages, children }: { messages: Tree; children: ReactNode }) {
  const around = useMessages();
  const all = useMemo(() => merged(around as unknown as Tree, messages) as unknown as Messages, [around, messages]);
  return (
    <NextIntlClientProvider locale={useLocale()} messages={all}>
      {children}
    </NextIntlClientProvider>
  );
}
