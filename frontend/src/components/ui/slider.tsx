"use client";

import { Slider as Base } from "@base-ui/react/slider";

import { cn } from "@/lib/cn";

interface SliderProps {
  label: string;
  min: number;
  max: number;
  step?: number;
  value?: number;
  defaultValue?: number;
  onChange?: (value: number) => void;
  /** When the hand lets go: for what is dear to compute. */
  onCommit?: (value: number) => void;
  format?: Intl.NumberFormatOptions;
  locale?: string;
  disabled?: boolean;
  className?: string;
}

/** A number by feel, with the number beside the label. */
export function Slider({ label, onChange, onCommit, className, ...rest }: SliderProps) {
  return (
    <Base.Root
      {...rest}
      onValueChange={(value) => onChange?.(single(value))}
      onValueCommitted={(value) => onCommit?.(single(value))}
      className={cn("grid min-w-0 grid-cols-[1fr_auto] gap-x-2", className)}
    >
      <Base.Label className="text-xs font-medium text-ink-2">{label}</Base.Label>
      <Base.Value className="text-xs text-ink" />
      <Base.Control className="col-span-2 flex h-6 touch-none items-center select-none">
        <Base.Track className="h-1 w-full rounded-full bg-line-strong">
          <Base.Indicator className="rounded-full bg-ai data-disabled:bg-ink-3" />
          <Base.Thumb className="size-4 rounded-full border-2 border-ai bg-panel transition-transform has-[:focus-visible]:outline-2 has-[:focus-visible]:outline-offset-2 has-[:focus-visible]:outline-ai data-disabled:border-ink-3 data-dragging:scale-110" />
        </Base.Track>
      </Base.Control>
    </Base.Root>
  );
}

function single(value: number | readonly number[]): number {
  return typeof value === "number" ? value : (value[0] ?? 0);
}
