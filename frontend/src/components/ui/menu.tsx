"use client";

import { type KeyboardEvent, type MouseEvent, type ReactElement, type ReactNode, useState } from "react";

import { lazyLayer, lazyPart } from "./lazy-layer";
import { withHandlers } from "./with-handlers";

interface MenuProps {
  trigger: ReactElement;
  align?: "start" | "center" | "end";
  children: ReactNode;
}

/** The item that has the focus when the menu opens; none after a click. */
export type MenuStart = "first" | "last" | null;

const MenuLayer = lazyLayer(() => import("./menu-layer").then((module) => module.MenuLayer), "menu");
export const MenuItem = lazyPart(() => import("./menu-layer").then((module) => module.MenuItem));
export const MenuSeparator = lazyPart(() => import("./menu-layer").then((module) => module.MenuSeparator));

export function Menu({ trigger, align = "end", children }: MenuProps) {
  const [anchor, setAnchor] = useState<HTMLElement | null>(null);
  const [isOpen, setOpen] = useState(false);
  const [start, setStart] = useState<MenuStart>(null);
  const open = (event: KeyboardEvent<HTMLElement> | MouseEvent<HTMLElement>, from: MenuStart) => {
    event.preventDefault();
    setStart(from);
    setAnchor(event.currentTarget);
    setOpen(true);
  };
  return (
    <>
      {withHandlers(trigger, {
        "aria-haspopup": "menu",
        "aria-expanded": isOpen,
        "data-popup-open": isOpen ? "" : undefined,
        // A press of a key counts no clicks.
        onClick: (event: MouseEvent<HTMLElement>) => open(event, event.detail === 0 ? "first" : null),
        onKeyDown: (event: KeyboardEvent<HTMLElement>) => {
          if (event.key === "ArrowDown") open(event, "first");
          if (event.key === "ArrowUp") open(event, "last");
        },
      })}
      {anchor && (
        <MenuLayer anchor={anchor} open={isOpen} onOpenChange={setOpen} start={start} align={align}>
          {children}
        </MenuLayer>
      )}
    </>
  );
}
