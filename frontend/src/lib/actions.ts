"use client";

import { type ReactNode, useEffect } from "react";
import { create } from "zustand";

export type ActionGroup = "go" | "page" | "look" | "help";

/** Something a person can do from the command palette, and, with `keys`, from the keyboard. */
export interface Action {
  id: string;
  group: ActionGroup;
  label: string;
  /** Further words under which it is found. */
  words?: readonly string[];
  keys?: string;
  icon?: ReactNode;
  run: () => void;
}

interface ActionStore {
  byOwner: Readonly<Record<string, readonly Action[]>>;
}

const useStore = create<ActionStore>(() => ({ byOwner: {} }));

/** Offer these actions as long as the component is there. `actions` has to be memoised. */
export function useOfferActions(owner: string, actions: readonly Action[]): void {
  useEffect(() => {
    useStore.setState(({ byOwner }) => ({ byOwner: { ...byOwner, [owner]: actions } }));
    return () => useStore.setState(({ byOwner: { [owner]: _gone, ...rest } }) => ({ byOwner: rest }));
  }, [owner, actions]);
}

/** What can be done now, everywhere on the page. */
export function allActions(byOwner: ActionStore["byOwner"]): Action[] {
  return Object.values(byOwner).flat();
}

export function useActionsByOwner(): ActionStore["byOwner"] {
  return useStore((store) => store.byOwner);
}

export function currentActions(): Action[] {
  return allActions(useStore.getState().byOwner);
}
