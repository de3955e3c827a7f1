"use client";

import { X } from "lucide-react";
import type { ReactNode } from "react";

import { IconButton } from "./icon-button";

interface SelectionBarProps {
  label: string;
  /** How many are chosen. */
  count: string;
  clear: string;
  onClear: () => void;
  children: ReactNode;
}

/** What can be done with the chosen rows; lies over the end of the page, so that nothing moves when it comes. */
export function SelectionBar({ label, count, clear, onClear, children }: SelectionBarProps) {
  return (
    <div className="pointer-events-none sticky bottom-3 z-20 mt-3 flex justify-center">
      <div role="toolbar" aria-label={label} className="layer pointer-events-auto flex max-w-full flex-wrap items-center gap-2 py-1.5 pr-1.5 pl-3.5">
        <span role="status" className="mr-1 whitespace-nowrap">
          {count}
        </span>
        {children}
        <IconButton label={clear} keys="Esc" onClick={onClear}>
          <X aria-hidden />
        </IconButton>
      </div>
    </div>
  );
}
