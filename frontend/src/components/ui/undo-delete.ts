import { useTranslations } from "next-intl";
import { create } from "zustand";

import { useProblemWords } from "./problem";
import { notify } from "./toast";

const UNDO_MS = 6000;
const GRACE_MS = 500; // the notice fades a little after its time

interface Store {
  /** By their kind. */
  leaving: Readonly<Record<string, readonly string[]>>;
}

const useStore = create<Store>(() => ({ leaving: {} }));
const NONE: readonly string[] = [];

/** What is about to be deleted, and what has been: lists leave it out. */
export function useLeaving(kind: string): readonly string[] {
  return useStore(({ leaving }) => leaving[kind] ?? NONE);
}

interface Doomed {
  id: string;
  /** As a person knows it. */
  name: string;
  /** Delete it in truth. */
  erase: () => Promise<unknown>;
}

/** Delete something in a moment: until then the notice in the corner can call it back; whoever leaves before that keeps it. */
export function useUndoDelete(kind: string): (doomed: Doomed) => void {
  const t = useTranslations("ui.undoDelete");
  const words = useProblemWords();
  return ({ id, name, erase }) => {
    if (useStore.getState().leaving[kind]?.includes(id)) return;
    leave(kind, id);
    let isGone = false;
    const timer = setTimeout(() => {
      isGone = true;
      erase().catch((error: unknown) => {
        stay(kind, id);
        notify.bad(t("refused", { name }), { description: words(error) });
      });
    }, UNDO_MS + GRACE_MS);
    const onClick = () => {
      if (isGone) return notify.caution(t("tooLate", { name }));
      clearTimeout(timer);
      stay(kind, id);
    };
    notify.info(t("done", { name }), { durationMs: UNDO_MS, id: `delete-${id}`, action: { label: t("undo"), onClick } });
  };
}

function leave(kind: string, id: string): void {
  useStore.setState(({ leaving }) => ({ leaving: { ...leaving, [kind]: [...(leaving[kind] ?? NONE), id] } }));
}

function stay(kind: string, id: string): void {
  useStore.setState(({ leaving }) => ({ leaving: { ...leaving, [kind]: (leaving[kind] ?? NONE).filter((one) => one !== id) } }));
}
