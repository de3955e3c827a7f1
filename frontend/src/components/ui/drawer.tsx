"use client";

import type { ReactElement, ReactNode } from "react";

import { lazyLayer, useOpening } from "./lazy-layer";
import { withHandlers } from "./with-handlers";

interface DrawerProps {
  trigger?: ReactElement;
  open?: boolean;
  onOpenChange?: (open: boolean) => void;
  side?: "left" | "right";
  title: ReactNode;
  description?: ReactNode;
  actions?: ReactNode;
  children: ReactNode;
}

const DrawerLayer = lazyLayer(() => import("./drawer-layer").then((module) => module.DrawerLayer));

/** A sheet from the side: details beside what they belong to. */
export function Drawer({ trigger, open, onOpenChange, side = "right", ...content }: DrawerProps) {
  const { isOpen, wasOpened, setOpen } = useOpening(open, onOpenChange);
  return (
    <>
      {trigger && withHandlers(trigger, { "aria-haspopup": "dialog", "aria-expanded": isOpen, onClick: () => setOpen(true) })}
      {wasOpened && <DrawerLayer {...content} side={side} open={isOpen} onOpenChange={setOpen} />}
    </>
  );
}
