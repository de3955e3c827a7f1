"use client";

import type { ReactNode } from "react";

import { lazyLayer, useWasOpened } from "./lazy-layer";

interface DrawerProps {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  side?: "left" | "right";
  title: ReactNode;
  description?: ReactNode;
  actions?: ReactNode;
  children: ReactNode;
}

const DrawerLayer = lazyLayer(() => import("./drawer-layer").then((module) => module.DrawerLayer));

/** A sheet from the side: details beside what they belong to. */
export function Drawer({ side = "right", ...props }: DrawerProps) {
  const wasOpened = useWasOpened(props.open);
  return wasOpened && <DrawerLayer {...props} side={side} />;
}
