"use client";

import { Plus } from "lucide-react";
import { useTranslations } from "next-intl";
import { parseAsString, useQueryState } from "nuqs";
import { useMemo } from "react";

import { Page } from "@/components/layout/page";
import { Button } from "@/components/ui/button";
import { useUploads } from "@/entities/dataset/use-uploads";
import { useOfferActions } from "@/lib/actions";

import { AddPanel } from "./add-panel";
import { AddedNotes } from "./added-notes";
import { DatasetList } from "./dataset-list";
import { DropAnywhere } from "./drop-anywhere";
import { UnfinishedUploads } from "./unfinished-uploads";

/** All data, and the way in for more. */
export function DatasetsView() {
  const t = useTranslations("datasets");
  const [search, setSearch] = useQueryState("q", parseAsString.withDefault("").withOptions({ throttleMs: 250 }));
  const [adding, setAdding] = useQueryState("add", parseAsString);
  const waiting = useUploads((store) => store.uploads.length);
  const add = useUploads((store) => store.add);
  const open = (adding !== null && adding !== "0") || waiting > 0;

  useOfferActions(
    "datasets",
    useMemo(
      () => [{ id: "datasets.add", group: "page", label: t("add.open"), keys: "a", run: () => void setAdding("1") }],
      [t, setAdding],
    ),
  );

  return (
    <Page
      title={t("title")}
      description={t("description")}
      actions={
        !open && (
          <Button variant="primary" onClick={() => void setAdding("1")}>
            <Plus aria-hidden />
            {t("add.open")}
          </Button>
        )
      }
    >
      <DropAnywhere onFiles={add} />
      <div className="grid gap-3">
        <AddedNotes />
        {open ? <AddPanel onClose={() => void setAdding(null)} /> : <UnfinishedUploads />}
        <DatasetList search={search} onSearch={(value) => void setSearch(value || null)} onAdd={() => void setAdding("1")} isAdding={open} />
      </div>
    </Page>
  );
}
