import { useRouter } from "next/navigation";
import { useTranslations } from "next-intl";
import { useEffect, useMemo, useRef } from "react";

import type { RowWalk } from "@/components/ui/row-walk";
import { type Action, useOfferActions } from "@/lib/actions";

interface Rows {
  toggle: (id: string) => void;
  onClear: () => void;
  onSearch: () => void;
}

/** j and k go from row to row by moving the focus, x selects. */
export function useRowKeys(walk: RowWalk, rows: Rows): void {
  const t = useTranslations("training.keys");
  const router = useRouter();
  const latest = useRef(rows);
  // Actions of the page are made once; what they look at is as it is when a key is pressed.
  useEffect(() => {
    latest.current = rows;
  });

  const actions = useMemo<Action[]>(
    () => [
      { id: "training:next", group: "page", label: t("next"), keys: "j", run: () => walk.move(1) },
      { id: "training:previous", group: "page", label: t("previous"), keys: "k", run: () => walk.move(-1) },
      {
        id: "training:select",
        group: "page",
        label: t("select"),
        keys: "x",
        run: () => {
          const id = walk.current();
          if (id !== null) latest.current.toggle(id);
        },
      },
      { id: "training:search", group: "page", label: t("search"), keys: "/", run: () => latest.current.onSearch() },
      { id: "training:clear", group: "page", label: t("clear"), keys: "Escape", run: () => latest.current.onClear() },
      { id: "training:compare", group: "page", label: t("compare"), run: () => router.push("/training/compare") },
    ],
    [t, router, walk],
  );
  useOfferActions("training", actions);
}
