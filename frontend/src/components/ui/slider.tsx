"use client";

import { type CSSProperties, useId, useState } from "react";

import { cn } from "@/lib/cn";

interface SliderProps {
  label: string;
  min: number;
  max: number;
  step?: number;
  value?: number;
  defaultValue?: number;
  onChange?: (value: number) => void;
  /** How the number is written beside the label. */
  format?: (value: number) => string;
  disabled?: boolean;
  className?: string;
}

/** A number by feel, with the number beside the label. */
export function Slider({ label, min, max, step, value: given, defaultValue = min, onChange, format = String, disabled, className }: SliderProps) {
  const id = useId();
  const [own, setOwn] = useState(defaultValue);
  const value = given ?? own;
  const change = (next: number) => {
    setOwn(next);
    onChange?.(next);
  };
  return (
    <div className={cn("min-w-0 grid-cols-[1fr_auto] gap-x-2 weak:grid", className)}>
      <label htmlFor={id} className="text-xs font-medium text-ink-2">
        {label}
      </label>
      <output htmlFor={id} className="text-xs text-ink">
        {format(value)}
      </output>
      <input
        id={id}
        type="range"
        min={min}
        max={max}
        step={step}
        value={value}
        disabled={disabled}
        aria-valuetext={format(value)}
        onChange={(event) => change(event.currentTarget.valueAsNumber)}
        style={{ "--share": `${((value - min) / (max - min)) * 100}%` } as CSSProperties}
        className="slider col-span-2 h-6 w-full min-w-0"
      />
    </div>
  );
}
