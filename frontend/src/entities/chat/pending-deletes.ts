import { create } from "zustand";

/** How long a deleted conversation can be brought back. */
export const UNDO_MS = 6000;

interface Waiting {
  timer: ReturnType<typeof setTimeout>;
}

const useStore = create<{ waiting: Readonly<Record<string, Waiting>> }>(() => ({ waiting: {} }));

/** Hide a conversation now and delete it in a moment; whoever leaves before that keeps it. */
export function deleteSoon(id: string, erase: () => void, waitMs = UNDO_MS): void {
  bringBack(id);
  const timer = setTimeout(() => {
    erase();
  }, waitMs);
  useStore.setState(({ waiting }) => ({ waiting: { ...waiting, [id]: { timer } } }));
}

/** Keep it after all. */
export function bringBack(id: string): void {
  const found = useStore.getState().waiting[id];
  if (found) clearTimeout(found.timer);
  useStore.setState(({ waiting: { [id]: _gone, ...rest } }) => ({ waiting: rest }));
}

/** Conversations that are not to be shown any more. */
export function useHiddenSessions(): Readonly<Record<string, unknown>> {
  return useStore((store) => store.waiting);
}
