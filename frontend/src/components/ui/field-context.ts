"use client";

import { createContext, use } from "react";

interface FieldFacts {
  /** Of the control. */
  id: string;
  labelId: string;
  describedBy: string | undefined;
  isInvalid: boolean;
  disabled: boolean | undefined;
  name: string | undefined;
}

export const FieldContext = createContext<FieldFacts | null>(null);

/** What a Field around says of its control. */
export function useField(): FieldFacts | null {
  return use(FieldContext);
}

/** The same as attributes of an input. */
export function useFieldAttributes() {
  const field = useField();
  return (
    field && {
      id: field.id,
      name: field.name,
      disabled: field.disabled,
      "aria-describedby": field.describedBy,
      "aria-invalid": field.isInvalid || undefined,
    }
  );
}
