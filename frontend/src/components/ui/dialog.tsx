"use client";

import { createContext, type ReactElement, type ReactNode, use } from "react";

import { lazyLayer, useWasOpened } from "./lazy-layer";
import { withHandlers } from "./with-handlers";

interface DialogProps {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  title: ReactNode;
  description?: ReactNode;
  /** The buttons: what ends it, the chosen one last. */
  actions?: ReactNode;
  wide?: boolean;
  children?: ReactNode;
}

const DialogLayer = lazyLayer(() => import("./dialog-layer").then((module) => module.DialogLayer));
const CloseContext = createContext(() => undefined as void);

/** A question that has to be answered before anything else. */
export function Dialog(props: DialogProps) {
  const wasOpened = useWasOpened(props.open);
  return <CloseContext value={() => props.onOpenChange(false)}>{wasOpened && <DialogLayer {...props} />}</CloseContext>;
}

/** Around a button of `actions`: presses it and closes. */
export function DialogClose({ children }: { children: ReactElement }) {
  const close = use(CloseContext);
  return withHandlers(children, { onClick: close });
}
