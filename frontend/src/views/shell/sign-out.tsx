"use client";

import { LogOut } from "lucide-react";
import { useTranslations } from "next-intl";

import { Button } from "@/components/ui/button";
import { useSession, useSignOut } from "@/entities/system/session";

/** Ends the session of this browser; only where there is one. */
export function SignOut() {
  const t = useTranslations("common.token");
  const session = useSession();
  const leave = useSignOut();
  if (!session.data?.signed_in) return null;
  return (
    <Button variant="quiet" size="sm" pending={leave.isPending} onClick={() => leave.mutate()} className="justify-start">
      <LogOut aria-hidden />
      {t("signOut")}
    </Button>
  );
}
