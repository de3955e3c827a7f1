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

export interface Doomed {
  id: string;
  /** As a person knows it. */
  name: string;
  /** Delete it in truth. `init` goes with the request: it is sent to its end where the page itself goes. */
  erase: (init: { keepalive: boolean }) => Promise<unknown>;
}

/** What is sent at once when the page goes: who leaves has not called it back. */
const waiting = new Set<() => void>();

function sendOnLeaving(): void {
  for (const send of [...waiting]) send();
}

/** Delete something, or several at once, in a moment: until then the notice in the corner can call it back. */
export function useUndoDelete(kind: string): (doomed: Doomed | readonly Doomed[]) => void {
  const t = useTranslations("ui.undoDelete");
  const words = useProblemWords();
  return (doomed) => {
    const known = useStore.getState().leaving[kind] ?? NONE;
    const all = [doomed].flat().filter(({ id }) => !known.includes(id));
    const [first] = all;
    if (!first) return;
    leave(kind, all);
    const isOne = all.length === 1;
    const count = { count: all.length };
    let isGone = false;
    const send = (keepalive: boolean) => {
      if (isGone) return;
      isGone = true;
      waiting.delete(leaveNow);
      void eraseAll(all, keepalive).then((refused) => {
        const [only] = refused;
        if (!only) return;
        stay(kind, refused.map(({ one }) => one));
        if (isOne) return notify.bad(t("refused", { name: first.name }), { description: words(only.error) });
        const lines = refused.map((each) => `${each.one.name}: ${words(each.error)}`);
        notify.bad(t("refusedMany", { count: refused.length }), { description: lines.join("\n") });
      });
    };
    const leaveNow = () => send(true);
    const timer = setTimeout(() => send(false), UNDO_MS + GRACE_MS);
    waiting.add(leaveNow);
    window.addEventListener("pagehide", sendOnLeaving);
    const onClick = () => {
      if (isGone) return notify.caution(isOne ? t("tooLate", { name: first.name }) : t("tooLateMany", count));
      clearTimeout(timer);
      waiting.delete(leaveNow);
      stay(kind, all);
    };
    const done = isOne ? t("done", { name: first.name }) : t("doneMany", count);
    notify.info(done, { durationMs: UNDO_MS, id: `delete-${first.id}`, action: { label: t("undo"), onClick } });
  };
}

interface Refused {
  one: Doomed;
  error: unknown;
}

/** Those that stay. One after another, so that what goes together goes in its order; all at once where the page goes. */
async function eraseAll(all: readonly Doomed[], keepalive: boolean): Promise<Refused[]> {
  const refused: Refused[] = [];
  const erase = (one: Doomed) => one.erase({ keepalive }).catch((error: unknown) => refused.push({ one, error }));
  if (keepalive) await Promise.all(all.map(erase));
  else for (const one of all) await erase(one);
  return refused;
}

function leave(kind: string, all: readonly Doomed[]): void {
  useStore.setState(({ leaving }) => ({ leaving: { ...leaving, [kind]: [...(leaving[kind] ?? NONE), ...all.map(({ id }) => id)] } }));
}

function stay(kind: string, all: readonly Doomed[]): void {
  const back = new Set(all.map(({ id }) => id));
  useStore.setState(({ leaving }) => ({ leaving: { ...leaving, [kind]: (leaving[kind] ?? NONE).filter((id) => !back.has(id)) } }));
}
