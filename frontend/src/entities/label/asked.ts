import { create } from "zustand";

import type { ThingKind } from "@/lib/routes";

import type { DeleteDialogProps } from "./delete-dialog";
import type { Labelled } from "./label-dialog";

/** What is to be written down or deleted, wherever on the page that was wished for. */
interface Asked {
  labelled: Labelled | null;
  doomed: Omit<DeleteDialogProps, "onClose"> | null;
}

export const useAsked = create<Asked>(() => ({ labelled: null, doomed: null }));

/** Open the name, tags and note of a thing. */
export function editLabel(labelled: Labelled): void {
  useAsked.setState({ labelled });
}

/** Ask before things go, and tell who needs them. */
export function askToDelete(kind: ThingKind, things: DeleteDialogProps["things"], onDone?: DeleteDialogProps["onDone"]): void {
  useAsked.setState({ doomed: { kind, things, onDone } });
}
