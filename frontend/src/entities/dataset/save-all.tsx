"use client";

import { useTranslations } from "next-intl";

import { Button } from "@/components/ui/button";
import { useUploads } from "./use-uploads";

export const SAVE_ALL = "llmlora:save-all";

/** One button for several files: each item that can be saved listens. */
export function SaveAll() {
  const t = useTranslations("datasets.add");
  const several = useUploads((store) => store.uploads.length > 1);
  const ready = useUploads((store) => [...store.drafts.values()].filter((draft) => draft.ready).length);
  if (!several) return null;
  return (
    <Button variant="primary" disabled={ready === 0} onClick={() => window.dispatchEvent(new Event(SAVE_ALL))}>
      {t("saveAll", { count: ready })}
    </Button>
  );
}
