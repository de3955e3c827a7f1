"use client";

import { CSPProvider } from "@base-ui/react/csp-provider";
import { QueryClientProvider } from "@tanstack/react-query";
import { ThemeProvider } from "next-themes";
import { NuqsAdapter } from "nuqs/adapters/next/app";
import { type ReactNode, useEffect, useState } from "react";

import { makeQueryClient } from "@/lib/api/query-client";
import { keepKeysOfInputMethods } from "@/lib/keys";

/** `nonce`: of the answer that the document came in. */
export function Providers({ nonce, children }: { nonce: string | undefined; children: ReactNode }) {
  // What is drawn anew later comes with another answer; the document keeps the policy it came with.
  const [ours] = useState(nonce);
  const [queries] = useState(makeQueryClient);
  useEffect(() => keepKeysOfInputMethods(window), []);
  useEffect(() => window.__LLMLORA__?.ready?.(), []);
  return (
    <QueryClientProvider client={queries}>
      <ThemeProvider attribute="class" defaultTheme="system" enableSystem disableTransitionOnChange nonce={ours} storageKey="llmlora_theme">
        <CSPProvider nonce={ours}>
          <NuqsAdapter>{children}</NuqsAdapter>
        </CSPProvider>
      </ThemeProvider>
    </QueryClientProvider>
  );
}
