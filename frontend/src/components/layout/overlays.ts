import { create } from "zustand";

export type Overlay = "palette" | "shortcuts" | "menu";

/** Their code comes when the control that opens one is reached, at the latest when it opens. */
export const LOADED_BY = {
  palette: () => import("./command-palette").then((module) => module.CommandPalette),
  shortcuts: () => import("./shortcut-sheet").then((module) => module.ShortcutSheet),
  menu: () => import("./menu-drawer").then((module) => module.MenuDrawer),
};

/** At most one layer of the shell is open. */
export const useOverlay = create<{ open: Overlay | null }>(() => ({ open: null }));

export function openOverlay(overlay: Overlay): void {
  useOverlay.setState({ open: overlay });
}

export function closeOverlay(): void {
  useOverlay.setState({ open: null });
}
