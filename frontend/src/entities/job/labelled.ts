import type { Labelled } from "@/entities/label/label-dialog";
import type { RecipeBook } from "@/entities/recipe/book";
import type { JobOut } from "@/lib/api/generated/types.gen";

/** A job as its name, tags and note are changed: one that deploys gives its name to a model, and keeps it. */
export function labelledJob({ id, name, tags, note, recipe }: JobOut, book: RecipeBook): Labelled {
  return { kind: "job", id, name, tags, note, isPlaced: book.deploys(recipe) };
}
