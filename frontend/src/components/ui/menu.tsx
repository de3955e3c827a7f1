"use client";

import { Menu as Base } from "@base-ui/react/menu";
import { Check } from "lucide-react";
import type { Route } from "next";
import Link from "next/link";
import type { ReactElement, ReactNode } from "react";

import { cn } from "@/lib/cn";
import { Kbd } from "./kbd";

interface MenuProps {
  trigger: ReactElement;
  align?: "start" | "center" | "end";
  children: ReactNode;
}

export function Menu({ trigger, align = "end", children }: MenuProps) {
  return (
    <Base.Root>
      <Base.Trigger render={trigger} />
      <Base.Portal>
        <Base.Positioner sideOffset={4} align={align} className="z-50 outline-none">
          <Base.Popup className="layer min-w-44 max-w-(--available-width) p-1 outline-none">{children}</Base.Popup>
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
      {keys && <Kbd keys={keys} />}
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

interface MenuChoiceProps<Value extends string> {
  label: string;
  value: Value;
  options: readonly { value: Value; label: string; icon?: ReactNode }[];
  onChange: (value: Value) => void;
}

/** One of several, with a mark at the one that holds. */
export function MenuChoice<Value extends string>({ label, value, options, onChange }: MenuChoiceProps<Value>) {
  return (
    <Base.RadioGroup value={value} onValueChange={(next: Value) => onChange(next)} aria-label={label}>
      <div className="px-2 pt-1.5 pb-1 text-xs text-ink-3" aria-hidden>
        {label}
      </div>
      {options.map((option) => (
        <Base.RadioItem key={option.value} value={option.value} closeOnClick className="layer-item">
          {option.icon && <span className="shrink-0 text-ink-3 [&_svg]:size-4">{option.icon}</span>}
          <span className="grow">{option.label}</span>
          <span className="size-3.5 shrink-0">
            <Base.RadioItemIndicator>
              <Check className="size-3.5" aria-hidden />
            </Base.RadioItemIndicator>
          </span>
        </Base.RadioItem>
      ))}
    </Base.RadioGroup>
  );
}
