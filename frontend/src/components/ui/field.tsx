"use client";

import { Field as Base } from "@base-ui/react/field";
import { useTranslations } from "next-intl";
import type { ReactNode } from "react";

import { cn } from "@/lib/cn";

interface FieldProps {
  label: ReactNode;
  /** What the setting does, in one sentence. */
  description?: ReactNode;
  /** What is wrong and how to put it right. */
  error?: ReactNode;
  optional?: boolean;
  disabled?: boolean;
  name?: string;
  /** Beside the label: a value, a link. */
  aside?: ReactNode;
  className?: string;
  children: ReactNode;
}

/** A control with its label, its description and its error, tied together for those who listen. */
export function Field({ label, description, error, optional, disabled, name, aside, className, children }: FieldProps) {
  const t = useTranslations("ui.field");
  return (
    <Base.Root name={name} disabled={disabled} invalid={Boolean(error)} className={cn("grid min-w-0 content-start gap-1", className)}>
      <div className="flex min-h-4.5 items-baseline justify-between gap-2">
        <Base.Label className="text-xs font-medium text-ink-2">
          {label}
          {optional && <span className="ml-1.5 font-normal text-ink-3">{t("optional")}</span>}
        </Base.Label>
        {aside && <span className="text-xs text-ink-3">{aside}</span>}
      </div>
      {children}
      {description && <Base.Description className="text-xs text-ink-3">{description}</Base.Description>}
      {error && (
        <Base.Error match className="text-xs text-bad">
          {error}
        </Base.Error>
      )}
    </Base.Root>
  );
}
