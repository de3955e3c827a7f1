"use client";

import dynamic from "next/dynamic";

import { AskedDialogs } from "@/entities/label/asked-dialogs";
import { useNotices } from "@/lib/notices";

const FinishNotices = dynamic(() => import("@/entities/job/finish-notices").then((module) => module.FinishNotices), { ssr: false });

/** What every page has, and none shows when it opens. */
export function LateParts() {
  const notices = useNotices();
  return (
    <>
      <AskedDialogs />
      {notices === "on" && <FinishNotices />}
    </>
  );
}
