"use client";

import { Tabs as Base } from "@base-ui/react/tabs";
import type { ReactNode } from "react";

import { cn } from "@/lib/cn";

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
  return (
    <Base.Root
      value={value}
      defaultValue={defaultValue ?? tabs[0]?.value}
      onValueChange={(next: Value) => onChange?.(next)}
      className={cn("min-w-0", className)}
    >
      <Base.List aria-label={label} className="relative flex gap-4 overflow-x-auto border-b [scrollbar-width:none]">
        {tabs.map((tab) => (
          <Base.Tab
            key={tab.value}
            value={tab.value}
            disabled={tab.disabled}
            className="flex h-9 shrink-0 items-center gap-1.5 rounded-sm text-ink-2 transition-colors -outline-offset-2 hover:text-ink data-active:font-medium data-active:text-ink data-disabled:text-ink-3"
          >
            {tab.label}
            {tab.count !== undefined && <span className="text-xs font-normal text-ink-3">{tab.count}</span>}
          </Base.Tab>
        ))}
        <Base.Indicator className="absolute bottom-0 left-0 h-0.5 w-(--active-tab-width) translate-x-(--active-tab-left) bg-ai transition-[translate,width] duration-200 ease-out" />
      </Base.List>
      {tabs.map((tab) => (
        <Base.Panel key={tab.value} value={tab.value} className="pt-3">
          {tab.panel}
        </Base.Panel>
      ))}
    </Base.Root>
  );
}
