"use client";

import dynamic from "next/dynamic";
import { useTranslations } from "next-intl";
import { type ReactNode, useEffect, useState } from "react";

import { loadLayersWhenReached } from "@/components/ui/lazy-layer";
import { useHasNotices } from "@/components/ui/toast";

import type { NavCounts } from "./nav-list";
import { LOADED_BY, type Overlay, useOverlay } from "./overlays";
import { Rail } from "./rail";
import { TopBar } from "./top-bar";
import { useShellActions } from "./use-shell-actions";

const CommandPalette = dynamic(LOADED_BY.palette, { ssr: false });
const ShortcutSheet = dynamic(LOADED_BY.shortcuts, { ssr: false });
const MenuDrawer = dynamic(LOADED_BY.menu, { ssr: false });
const Toaster = dynamic(() => import("@/components/ui/toaster").then((module) => module.Toaster), { ssr: false });

interface AppShellProps {
  /** The live strip of resources. */
  strip?: ReactNode;
  /** The same for the drawer of a narrow window. */
  drawerStrip?: ReactNode;
  /** What has to be said about the connection. */
  note?: ReactNode;
  /** Who is signed in, and how to leave. */
  account?: ReactNode;
  /** How many there are behind the words of the rail. */
  counts?: NavCounts;
  children: ReactNode;
}

/** Rail, top bar and the layers over them, around every page. */
export function AppShell({ strip, drawerStrip, account, note, counts, children }: AppShellProps) {
  const t = useTranslations("nav");
  useShellActions();
  useLater();
  return (
    <div className="isolate min-h-dvh md:grid md:grid-cols-[11rem_minmax(0,1fr)]">
      <a
        href="#main"
        className="sr-only z-50 rounded-md bg-ai px-3 py-1.5 text-on-ai focus-visible:not-sr-only focus-visible:fixed focus-visible:top-2 focus-visible:left-2"
      >
        {t("skip")}
      </a>
      <Rail counts={counts} account={account} />
      <div className="flex min-h-dvh min-w-0 flex-col">
        <TopBar strip={strip} note={note} />
        <main id="main" tabIndex={-1} className="min-w-0 grow outline-none">
          {children}
        </main>
      </div>
      <Once overlay="palette">
        <CommandPalette />
      </Once>
      <Once overlay="shortcuts">
        <ShortcutSheet />
      </Once>
      <Once overlay="menu">
        <MenuDrawer counts={counts} strip={drawerStrip} account={account} />
      </Once>
      {useHasNotices() && <Toaster />}
    </div>
  );
}

/** Loads a layer when it is first opened, and keeps it so that it can also close gently. */
function Once({ overlay, children }: { overlay: Overlay; children: ReactNode }) {
  const open = useOverlay((state) => state.open === overlay);
  const [wanted, setWanted] = useState(open);
  if (open && !wanted) setWanted(true);
  return wanted ? children : null;
}

/** What no page waits for. `signal` of each ends with the frame. */
function useLater(): void {
  useEffect(() => {
    const over = new AbortController();
    loadLayersWhenReached(over.signal);
    void import("./later").then(({ begin }) => begin(over.signal));
    return () => over.abort();
  }, []);
}
