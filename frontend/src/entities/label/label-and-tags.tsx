"use client";

import { Tag } from "lucide-react";
import { useTranslations } from "next-intl";
import type { ComponentProps } from "react";

import { Button } from "@/components/ui/button";
import { PersonsName } from "@/components/ui/persons-name";

import { editLabel } from "./asked";
import type { Labelled } from "./label-dialog";
import { TagChips } from "./tag-chips";

/** On the page of a thing: its tags, its note, and where they are changed. */
export function LabelAndTags({ thing, list }: { thing: Labelled; list: ComponentProps<typeof TagChips>["list"] }) {
  const t = useTranslations("labels.label");
  return (
    <div className="mt-1 grid gap-1">
      <div className="flex flex-wrap items-center gap-1.5">
        <TagChips tags={thing.tags} list={list} />
        <Button variant="quiet" size="sm" aria-haspopup="dialog" className="-ml-2 first:-ml-2.5" onClick={() => editLabel(thing)}>
          <Tag aria-hidden />
          {t(thing.isPlaced ? "editPlaced" : "edit")}
        </Button>
      </div>
      {thing.note && (
        <p className="max-w-prose whitespace-pre-line text-ink-2">
          <PersonsName>{thing.note}</PersonsName>
        </p>
      )}
    </div>
  );
}
