import { useLocale, useTranslations } from "next-intl";
import { useCallback, useMemo, useState } from "react";

import type { Column } from "@/components/ui/table-columns";
import { useRecipes } from "@/entities/recipe/queries";
import { useFormat } from "@/lib/use-format";

import { recipesShown } from "./filters";
import type { moreColumns } from "./more-columns";
import type { ListedChain } from "./use-chains";

const NONE: readonly Column<ListedChain>[] = [];

/** The columns that one can add: every setting and figure of the recipes that are shown. They come when a hand reaches the table. */
export function useMoreColumns(kind: string): { more: readonly Column<ListedChain>[]; load: () => void } {
  const t = useTranslations("training.added");
  const locale = useLocale();
  const format = useFormat();
  const recipes = useRecipes().data;
  const [made, setMade] = useState<{ make: typeof moreColumns } | null>(null);
  const load = useCallback(() => void import("./more-columns").then((module) => setMade({ make: module.moreColumns }), ignore), []);
  const more = useMemo(
    () => (made && recipes ? made.make(recipesShown(kind, recipes), { t, locale, format }) : NONE),
    [made, recipes, kind, t, locale, format],
  );
  return { more, load };
}

/** It comes with the next touch. */
function ignore(): void {}
