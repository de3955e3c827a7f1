"use client";

import { Check, X } from "lucide-react";
import { useTranslations } from "next-intl";

import { PersonsName } from "@/components/ui/persons-name";
import { IconButton } from "@/components/ui/icon-button";
import { Link } from "@/components/ui/link";
import { LinkButton } from "@/components/ui/link-button";
import { useRecipeBook } from "@/entities/recipe/queries";
import { useUploads } from "@/entities/dataset/use-uploads";
import { datasetPage, newTraining } from "@/lib/routes";

/** What was just saved, and the next step. */
export function AddedNotes() {
  const t = useTranslations("datasets.added");
  const book = useRecipeBook();
  const added = useUploads((store) => store.added);
  const dismiss = useUploads((store) => store.dismiss);
  return (
    <div aria-live="polite" className="grid gap-2 empty:hidden">
      {added.map(({ dataset, already_known: known }, place) => (
        <div
          key={dataset.id}
          className="flex flex-wrap items-center gap-x-3 gap-y-2 rounded-lg border border-good/30 bg-good-soft py-2 pr-2 pl-3.5"
        >
          <Check className="size-4 shrink-0 text-good" aria-hidden />
          <p className="min-w-0 grow basis-52">
            <Link href={datasetPage(dataset.id)} className="font-semibold underline-offset-2 hover:underline">
              <PersonsName>{dataset.name}</PersonsName>
            </Link>{" "}
            <span className="text-ink-2">
              {known && t("known")}
              {!known && dataset.counts.refused === 0 && t("saved", { kept: dataset.counts.kept })}
              {!known &&
                dataset.counts.refused > 0 &&
                t("savedPart", { kept: dataset.counts.kept, refused: dataset.counts.refused })}
            </span>
          </p>
          <div className="ml-auto flex items-center gap-2">
            <LinkButton href={datasetPage(dataset.id)} variant="quiet">
              {t("look")}
            </LinkButton>
            {book.learnsFrom(dataset.kind) && (
              <LinkButton href={newTraining({ dataset: dataset.id })} variant={place === 0 ? "primary" : "secondary"}>
                {t("train")}
              </LinkButton>
            )}
            <IconButton label={t("dismiss")} size="sm" onClick={() => dismiss(dataset.id)}>
              <X aria-hidden />
            </IconButton>
          </div>
        </div>
      ))}
    </div>
  );
}
