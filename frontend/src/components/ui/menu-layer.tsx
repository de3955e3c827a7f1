"use client";

import { Menu as Base } from "@base-ui/react/menu";
import type { Route } from "next";
import type { FocusEvent, ReactNode } from "react";

import { cn } from "@/lib/cn";
import { Shortcut } from "./kbd";
import { Link } from "./link";
import type { MenuStart } from "./menu";

interface MenuLayerProps {
  anchor: HTMLElement;
  open: boolean;
  onOpenChange: (open: boolean) => void;
  start: MenuStart;
  align: "start" | "center" | "end";
  children: ReactNode;
}

/** What a Menu opens. */
export function MenuLayer({ anchor, open, onOpenChange, start, align, children }: MenuLayerProps) {
  const begin = ({ target, relatedTarget, currentTarget }: FocusEvent<HTMLElement>) => {
    if (start === null || target !== currentTarget || relatedTarget !== anchor) return;
    const items = currentTarget.querySelectorAll<HTMLElement>("[role=menuitem]:not([data-disabled])");
    items[start === "first" ? 0 : items.length - 1]?.focus();
  };
  return (
    <Base.Root open={open} onOpenChange={onOpenChange}>
      <Base.Portal>
        <Base.Positioner anchor={anchor} sideOffset={4} align={align} className="z-50 outline-none">
          <Base.Popup
            onFocus={begin}
            finalFocus={() => anchor}
            className="layer max-h-(--available-height) min-w-44 max-w-(--available-width) overflow-y-auto p-1 outline-none"
          >
            {children}
          </Base.Popup>
        </Base.Positioner>
      </Base.Portal>
    </Base.Root>
  );
}

interface MenuItemProps {
  icon?: ReactNode;
  keys?: string;
  danger?: boolean;
  disabled?: boolean;
  /** Goes somewhere instead of doing something. */
  href?: Route;
  onSelect?: () => void;
  children: ReactNode;
}

export function MenuItem({ icon, keys, danger, disabled, href, onSelect, children }: MenuItemProps) {
  const className = cn("layer-item", danger && "text-bad data-highlighted:bg-bad-soft data-highlighted:text-bad");
  const content = (
    <>
      {icon && <span className="shrink-0 text-ink-3 [&_svg]:size-4">{icon}</span>}
      <span className="min-w-0 grow">{children}</span>
      {keys && <Shortcut keys={keys} />}
    </>
  );
  if (href) {
    return (
      <Base.LinkItem className={className} closeOnClick render={<Link href={href} />}>
        {content}
      </Base.LinkItem>
    );
  }
  return (
    <Base.Item className={className} disabled={disabled} onClick={onSelect}>
      {content}
    </Base.Item>
  );
}

export function MenuSeparator() {
  return <Base.Separator className="mx-2 my-1 h-px bg-line" />;
}
