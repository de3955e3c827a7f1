"use client";

import { LogOut } from "lucide-react";
import { useTranslations } from "next-intl";

import { Button } from "@/components/ui/button";
import { useSignOut } from "@/entities/system/session";

/** Ends the session of this browser. */
export function SignOut() {
  const t = useTranslations("common.token");
  const leave = useSignOut();
  return (
    <Button variant="quiet" size="sm" pending={leave.isPending} onClick={() => leave.mutate()} className="justify-start">
      <LogOut aria-hidden />
      {t("signOut")}
    </Button>
  );
}
