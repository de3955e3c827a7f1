"use client";

import { type FocusEvent, type PointerEvent, type ReactElement, type ReactNode, useEffect, useLayoutEffect, useRef, useState } from "react";
import { createPortal } from "react-dom";

import { Shortcut } from "./kbd";
import { placeBeside, type Side } from "./place-beside";
import { withHandlers } from "./with-handlers";

interface TooltipProps {
  content: ReactNode;
  keys?: string;
  side?: Side;
  children: ReactElement;
}

const DELAY_MS = 400;
/** Time enough for the pointer to come over to the words themselves. */
const LEAVE_MS = 120;

/** When the last one went: the next one that soon comes at once. */
let lastShownAt = Number.NEGATIVE_INFINITY;

function delayNow(): number {
  return performance.now() - lastShownAt < DELAY_MS ? 0 : DELAY_MS;
}

/** A word on hover and focus. Never the only place where something is said. */
export function Tooltip({ content, keys, side = "bottom", children }: TooltipProps) {
  const { anchor, show, hide } = useShown();
  const trigger = withHandlers(children, {
    onPointerEnter: (event: PointerEvent<HTMLElement>) => {
      if (event.pointerType !== "touch") show(event.currentTarget, delayNow());
    },
    onPointerLeave: () => hide(LEAVE_MS),
    onPointerDown: () => hide(0),
    onFocus: (event: FocusEvent<HTMLElement>) => {
      if (event.currentTarget.matches(":focus-visible")) show(event.currentTarget, 0);
    },
    onBlur: () => hide(0),
  });
  return (
    <>
      {trigger}
      {anchor?.isConnected && (
        <Words anchor={anchor} side={side} onStay={() => show(anchor, 0)} onHide={hide}>
          {content}
          {keys && <Shortcut keys={keys} />}
        </Words>
      )}
    </>
  );
}

function useShown() {
  const [anchor, setAnchor] = useState<HTMLElement | null>(null);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const set = (next: HTMLElement | null, delayMs: number) => {
    clearTimeout(timer.current);
    if (delayMs > 0) timer.current = setTimeout(() => setAnchor(next), delayMs);
    else setAnchor(next);
  };
  useEffect(() => () => clearTimeout(timer.current), []);
  return { anchor, show: set, hide: (delayMs: number) => set(null, delayMs) };
}

interface WordsProps {
  anchor: HTMLElement;
  side: Side;
  onStay: () => void;
  onHide: (delayMs: number) => void;
  children: ReactNode;
}

/** In the browser's top layer, above dialogs. */
function Words({ anchor, side, onStay, onHide, children }: WordsProps) {
  const popup = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    popup.current?.showPopover();
    return () => {
      lastShownAt = performance.now();
    };
  }, []);
  useLayoutEffect(() => {
    if (popup.current) placeBeside(popup.current, anchor, side);
  });
  useEffect(() => {
    const hideNow = () => onHide(0);
    const onKeyDown = (event: KeyboardEvent) => event.key === "Escape" && hideNow();
    document.addEventListener("keydown", onKeyDown);
    window.addEventListener("scroll", hideNow, { capture: true, passive: true });
    return () => {
      document.removeEventListener("keydown", onKeyDown);
      window.removeEventListener("scroll", hideNow, { capture: true });
    };
  });
  return createPortal(
    <div
      ref={popup}
      popover="manual"
      role="tooltip"
      onPointerEnter={onStay}
      onPointerLeave={() => onHide(LEAVE_MS)}
      className="layer fixed inset-auto m-0 max-w-72 gap-2 rounded-md px-2 py-1 text-xs open:flex open:items-center starting:opacity-0"
    >
      {children}
    </div>,
    document.body,
  );
}
