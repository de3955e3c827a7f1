"use client";

import dynamic from "next/dynamic";
import type { ReactNode } from "react";

import { AppShell } from "@/components/layout/app-shell";
import { AskedDialogs } from "@/entities/label/asked-dialogs";
import { useNotices } from "@/lib/notices";
import { useSession } from "@/entities/system/queries";

import { ConnectionNote } from "./connection-note";
import { ResourceStrip } from "./resource-strip";
import { useCounts } from "./use-counts";
import { useRecovery } from "./use-recovery";
import { useTokenGate } from "./use-token-gate";

const FinishNotices = dynamic(() => import("@/entities/job/finish-notices").then((module) => module.FinishNotices), { ssr: false });
const SignOut = dynamic(() => import("./sign-out").then((module) => module.SignOut), { ssr: false });
const TokenDialog = dynamic(() => import("./token-dialog").then((module) => module.TokenDialog), { ssr: false });

/** The frame around every page, with what is live in it. */
export function Shell({ children }: { children: ReactNode }) {
  const gate = useTokenGate();
  const session = useSession();
  const counts = useCounts();
  useRecovery();
  const notices = useNotices();
  return (
    <AppShell
      counts={counts}
      strip={<ResourceStrip place="bar" />}
      drawerStrip={<ResourceStrip place="drawer" />}
      account={session.data?.signed_in && <SignOut />}
      note={<ConnectionNote isLocked={gate.isLocked} onUnlock={gate.open} />}
    >
      {children}
      <AskedDialogs />
      {notices === "on" && <FinishNotices />}
      {gate.isLocked && <TokenDialog open={gate.isOpen} onClose={gate.close} onUnlocked={gate.unlocked} />}
    </AppShell>
  );
}
