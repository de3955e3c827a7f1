"use client";

import dynamic from "next/dynamic";
import { useTranslations } from "next-intl";
import { type ReactNode, useEffect, useState } from "react";

import type { NavCounts } from "./nav-list";
import { type Overlay, useOverlay } from "./overlays";
import { Rail } from "./rail";
import { TopBar } from "./top-bar";
import { useShellActions } from "./use-shell-actions";

const CommandPalette = dynamic(() => import("./command-palette").then((module) => module.CommandPalette), { ssr: false });
const ShortcutSheet = dynamic(() => import("./shortcut-sheet").then((module) => module.ShortcutSheet), { ssr: false });
const MenuDrawer = dynamic(() => import("./menu-drawer").then((module) => module.MenuDrawer), { ssr: false });
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
  useJapaneseFont();
  useWholeText();
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
      <Toaster />
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

/** Asked for by a pointer or the focus, so that no page waits for it. */
function useWholeText(): void {
  useEffect(() => {
    const over = new AbortController();
    void import("@/components/ui/whole-text").then(({ tellWholeTexts }) => tellWholeTexts(over.signal));
    return () => over.abort();
  }, []);
}

/** 124 files by ranges of characters: the list of them comes after the page, the files as characters need them. */
function useJapaneseFont(): void {
  useEffect(() => {
    void import("@fontsource-variable/noto-sans-jp");
  }, []);
}
