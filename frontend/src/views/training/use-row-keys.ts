import { useRouter } from "next/navigation";
import { useTranslations } from "next-intl";
import { type KeyboardEvent, useEffect, useMemo, useRef } from "react";

import { type Action, useOfferActions } from "@/lib/actions";

export const ROW_LINK = "data-row-link";

interface Rows {
  ids: readonly string[];
  toggle: (id: string) => void;
  onClear: () => void;
  onSearch: () => void;
  /** Brings a row into being that is outside of the window. */
  reveal: (index: number) => void;
}

/** j and k (or arrows) go from row to row by moving the focus, Enter follows the link, x selects. */
export function useRowKeys(rows: Rows) {
  const t = useTranslations("training.keys");
  const router = useRouter();
  const latest = useRef(rows);
  const last = useRef<string | null>(null);
  // Actions of the page are made once; what they look at is as it is when a key is pressed.
  useEffect(() => {
    latest.current = rows;
  });

  const move = useMemo(
    () => (by: 1 | -1) => {
      const { ids, reveal } = latest.current;
      const from = ids.indexOf(focusedRow() ?? last.current ?? "");
      const index = from < 0 ? (by > 0 ? 0 : ids.length - 1) : Math.min(ids.length - 1, Math.max(0, from + by));
      const id = ids[index];
      if (id === undefined) return;
      last.current = id;
      if (!focusRow(id)) {
        reveal(index);
        requestAnimationFrame(() => requestAnimationFrame(() => focusRow(id)));
      }
    },
    [],
  );

  const actions = useMemo<Action[]>(
    () => [
      { id: "training:next", group: "page", label: t("next"), keys: "j", run: () => move(1) },
      { id: "training:previous", group: "page", label: t("previous"), keys: "k", run: () => move(-1) },
      {
        id: "training:select",
        group: "page",
        label: t("select"),
        keys: "x",
        run: () => {
          const id = focusedRow() ?? last.current;
          if (id !== null && latest.current.ids.includes(id)) latest.current.toggle(id);
        },
      },
      { id: "training:search", group: "page", label: t("search"), keys: "/", run: () => latest.current.onSearch() },
      { id: "training:clear", group: "page", label: t("clear"), keys: "Escape", run: () => latest.current.onClear() },
      { id: "training:compare", group: "page", label: t("compare"), run: () => router.push("/training/compare") },
    ],
    [t, router, move],
  );
  useOfferActions("training", actions);

  const onKeyDown = (event: KeyboardEvent) => {
    if (!(event.target instanceof HTMLElement) || !event.target.hasAttribute(ROW_LINK)) return;
    if (event.key === "ArrowDown") move(1);
    else if (event.key === "ArrowUp") move(-1);
    else return;
    event.preventDefault();
  };
  return onKeyDown;
}

function focusedRow(): string | null {
  return document.activeElement?.closest("[data-row]")?.getAttribute("data-row") ?? null;
}

function focusRow(id: string): boolean {
  const link = document.querySelector<HTMLElement>(`[data-row="${CSS.escape(id)}"] [${ROW_LINK}]`);
  link?.focus();
  link?.scrollIntoView({ block: "nearest" });
  return link !== null;
}
