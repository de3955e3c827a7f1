"use client";

import { createContext, type ReactElement, type ReactNode, use } from "react";

import { lazyLayer, useOpening } from "./lazy-layer";
import { withHandlers } from "./with-handlers";

interface DialogProps {
  /** The button that opens it, where it opens itself. */
  trigger?: ReactElement;
  open?: boolean;
  onOpenChange?: (open: boolean) => void;
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
export function Dialog({ trigger, open, onOpenChange, ...content }: DialogProps) {
  const { isOpen, wasOpened, setOpen } = useOpening(open, onOpenChange);
  return (
    <CloseContext value={() => setOpen(false)}>
      {trigger && withHandlers(trigger, { "aria-haspopup": "dialog", "aria-expanded": isOpen, onClick: () => setOpen(true) })}
      {wasOpened && <DialogLayer {...content} open={isOpen} onOpenChange={setOpen} />}
    </CloseContext>
  );
}

/** Around a button of `actions`: presses it and closes. */
export function DialogClose({ children }: { children: ReactElement }) {
  const close = use(CloseContext);
  return withHandlers(children, { onClick: close });
}
