"use client";

import { type ReactNode, useId, useState } from "react";

import { cn } from "@/lib/cn";
import { rove } from "./roving";

interface Tab<Value extends string> {
  value: Value;
  label: ReactNode;
  /** How many there are behind it. */
  count?: ReactNode;
  disabled?: boolean;
  panel: ReactNode;
}

interface TabsProps<Value extends string> {
  tabs: readonly Tab<Value>[];
  label: string;
  value?: Value;
  defaultValue?: Value;
  onChange?: (value: Value) => void;
  className?: string;
}

export function Tabs<Value extends string>({ tabs, label, value, defaultValue, onChange, className }: TabsProps<Value>) {
  const id = useId();
  const [own, setOwn] = useState(defaultValue);
  const chosen = tabs.find((tab) => tab.value === (value ?? own)) ?? tabs[0];
  if (!chosen) return null;
  const choose = (next: Value) => {
    setOwn(next);
    onChange?.(next);
  };
  return (
    <div className={cn("min-w-0", className)}>
      <div role="tablist" aria-label={label} onKeyDown={rove} className="flex gap-4 overflow-x-auto border-b [scrollbar-width:none]">
        {tabs.map((tab) => (
          <button
            key={tab.value}
            type="button"
            role="tab"
            id={`${id}-${tab.value}`}
            aria-selected={tab === chosen}
            aria-controls={tab === chosen ? `${id}-panel` : undefined}
            tabIndex={tab === chosen ? 0 : -1}
            disabled={tab.disabled}
            onClick={() => choose(tab.value)}
            className="relative flex h-9 shrink-0 items-center gap-1.5 rounded-sm text-ink-2 transition-colors -outline-offset-2 after:absolute after:inset-x-0 after:bottom-0 after:h-0.5 after:origin-center after:scale-x-0 after:bg-ai after:transition-transform after:duration-200 after:ease-out hover:text-ink disabled:text-ink-3 aria-selected:font-medium aria-selected:text-ink aria-selected:after:scale-x-100"
          >
            {tab.label}
            {tab.count !== undefined && <span className="text-xs font-normal text-ink-3">{tab.count}</span>}
          </button>
        ))}
      </div>
      <div
        key={chosen.value}
        role="tabpanel"
        id={`${id}-panel`}
        aria-labelledby={`${id}-${chosen.value}`}
        tabIndex={0}
        className="pt-3"
      >
        {chosen.panel}
      </div>
    </div>
  );
}
