"use client";

import { useTranslations } from "next-intl";
import { type MouseEvent, type ReactNode, useId } from "react";

import { cn } from "@/lib/cn";
import { Explanation } from "./explanation";
import { FieldContext } from "./field-context";

interface FieldProps {
  label: ReactNode;
  /** What the setting does, in one sentence. */
  description?: ReactNode;
  /** What is wrong and how to put it right. */
  error?: ReactNode;
  /** A short explanation of the term that names the field, behind a mark beside its label. */
  explanation?: string;
  optional?: boolean;
  disabled?: boolean;
  name?: string;
  /** Beside the label: a value, a link. */
  aside?: ReactNode;
  className?: string;
  children: ReactNode;
}

/** A control with its label, its description and its error, tied together for those who listen. */
export function Field({ label, description, error, explanation, optional, disabled, name, aside, className, children }: FieldProps) {
  const t = useTranslations("ui.field");
  const id = useId();
  const part = (name: string, isThere: unknown) => (isThere ? `${id}-${name}` : undefined);
  const [labelId, descriptionId, errorId] = [`${id}-label`, part("description", description), part("error", error)];
  const describedBy = [descriptionId, errorId].filter(Boolean).join(" ") || undefined;
  return (
    <FieldContext value={{ id, labelId, describedBy, isInvalid: Boolean(error), disabled, name }}>
      <div className={cn("grid min-w-0 grid-cols-[minmax(0,1fr)] content-start gap-1", className)}>
        <div className="flex min-h-4.5 items-baseline justify-between gap-2">
          <span className="min-w-0">
            <label id={labelId} htmlFor={id} onClick={focusButton} className="text-xs font-medium text-ink-2">
              {label}
              {optional && <span className="ml-1.5 font-normal text-ink-3">{t("optional")}</span>}
            </label>
            {explanation && <Explanation of={label}>{explanation}</Explanation>}
          </span>
          {aside && <span className="text-xs text-ink-3">{aside}</span>}
        </div>
        {children}
        {description && (
          <p id={descriptionId} className="text-xs text-ink-3">
            {description}
          </p>
        )}
        {error && (
          <div id={errorId} className="text-xs text-bad">
            {error}
          </div>
        )}
      </div>
    </FieldContext>
  );
}

/** A label presses its button; what opens a list is only to be focused. */
function focusButton(event: MouseEvent<HTMLLabelElement>): void {
  const { control } = event.currentTarget;
  if (!(control instanceof HTMLButtonElement)) return;
  event.preventDefault();
  control.focus();
}
