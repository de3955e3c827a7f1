import { create } from "zustand";

export type Overlay = "palette" | "shortcuts" | "menu";

/** At most one layer of the shell is open. */
export const useOverlay = create<{ open: Overlay | null }>(() => ({ open: null }));

export function openOverlay(overlay: Overlay): void {
  useOverlay.setState({ open: overlay });
}

export function closeOverlay(): void {
  useOverlay.setState({ open: null });
}
