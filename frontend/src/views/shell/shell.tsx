"use client";

import { useQueryClient } from "@tanstack/react-query";
import dynamic from "next/dynamic";
import { type ReactNode, useState } from "react";

import { AppShell } from "@/components/layout/app-shell";
import { later } from "@/components/ui/later";
import { resourcesOptions, systemOptions, useSession } from "@/entities/system/queries";

import { ConnectionNote } from "./connection-note";
import { useCounts } from "./use-counts";
import { useRecovery } from "./use-recovery";
import { useTokenGate } from "./use-token-gate";

const ResourceStrip = later(() => import("./resource-strip").then((module) => module.ResourceStrip));
const LateParts = dynamic(() => import("./late-parts").then((module) => module.LateParts), { ssr: false });
const SignOut = dynamic(() => import("./sign-out").then((module) => module.SignOut), { ssr: false });
const TokenDialog = dynamic(() => import("./token-dialog").then((module) => module.TokenDialog), { ssr: false });

/** The frame around every page, with what is live in it. */
export function Shell({ children }: { children: ReactNode }) {
  const gate = useTokenGate();
  const session = useSession();
  const counts = useCounts();
  useRecovery();
  const client = useQueryClient();
  const [first] = useState(() => ({ resources: client.getQueryData(resourcesOptions().queryKey), system: client.getQueryData(systemOptions().queryKey) }));
  return (
    <AppShell
      counts={counts}
      strip={<ResourceStrip place="bar" first={first} />}
      drawerStrip={<ResourceStrip place="drawer" first={first} />}
      account={session.data?.signed_in && <SignOut />}
      note={<ConnectionNote isLocked={gate.isLocked} onUnlock={gate.open} />}
    >
      {children}
      <LateParts />
      {gate.isLocked && <TokenDialog open={gate.isOpen} onClose={gate.close} onUnlocked={gate.unlocked} />}
    </AppShell>
  );
}
