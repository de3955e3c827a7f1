"use client";

import { QueryClientProvider } from "@tanstack/react-query";
import { ThemeProvider } from "next-themes";
import { NuqsAdapter } from "nuqs/adapters/next/app";
import { type ReactNode, useEffect, useState } from "react";

import { makeQueryClient } from "@/lib/api/query-client";
import { keepKeysOfInputMethods } from "@/lib/keys";

export function Providers({ children }: { children: ReactNode }) {
  const [queries] = useState(makeQueryClient);
  useEffect(() => keepKeysOfInputMethods(window), []);
  useEffect(() => window.__LLMLORA__?.ready?.(), []);
  return (
    <QueryClientProvider client={queries}>
      <ThemeProvider attribute="class" defaultTheme="system" enableSystem disableTransitionOnChange storageKey="llmlora_theme">
        <NuqsAdapter>{children}</NuqsAdapter>
      </ThemeProvider>
    </QueryClientProvider>
  );
}
