import "./globals.css";

import type { Metadata, Viewport } from "next";
import { type Messages, NextIntlClientProvider } from "next-intl";
import { getLocale, getTranslations } from "next-intl/server";
import { headers } from "next/headers";
import type { ReactNode } from "react";

import { ApiAddress } from "@/lib/api/address";
import { apiUrlFor, NONCE_HEADER } from "@/lib/api/visitor";
import { shellReads } from "@/views/shell/reads";
import { Shell } from "@/views/shell/shell";
import { FirstAnswers } from "./first-answers";
import { inter } from "./fonts";
import { Providers } from "./providers";
import { RuntimeScript } from "./runtime-script";
import { frameMessages } from "./words";

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations("common");
  return {
    title: { default: t("product"), template: `%s · ${t("product")}` },
    description: t("description"),
    robots: { index: false },
  };
}

export const viewport: Viewport = {
  width: "device-width",
  initialScale: 1,
  themeColor: [
    { media: "(prefers-color-scheme: light)", color: "#f9fafc" },
    { media: "(prefers-color-scheme: dark)", color: "#0f1318" },
  ],
};

const DRAWN = "drawn";

export default async function RootLayout({ children }: { children: ReactNode }) {
  const head = await headers();
  return (
    <html lang={await getLocale()} className={inter.variable} suppressHydrationWarning>
      <head>
        <RuntimeScript />
        {/* Nothing is painted before all of the page is there: what comes in between would move what stands already. */}
        <link rel="expect" href={`#${DRAWN}`} blocking="render" />
      </head>
      <body>
        <NextIntlClientProvider messages={(await frameMessages()) as unknown as Messages}>
          <Providers nonce={head.get(NONCE_HEADER) ?? undefined}>
            <ApiAddress url={apiUrlFor(head)}>
              <FirstAnswers reads={shellReads}>
                <Shell>{children}</Shell>
              </FirstAnswers>
            </ApiAddress>
          </Providers>
        </NextIntlClientProvider>
        <div id={DRAWN} hidden />
      </body>
    </html>
  );
}
