import { useEffect } from "react";

import { useFits } from "@/entities/model/discovery";
import type { Fit } from "@/lib/api/generated/types.gen";

export type FitsOf = ReadonlyMap<string, Fit["verdict"]>;

interface BaseFitsProps {
  references: readonly string[];
  onFits: (fits: FitsOf) => void;
}

/** Asks whether bases fit this machine, when somebody is about to choose one; draws nothing. */
export function BaseFits({ references, onFits }: BaseFitsProps) {
  const fits = useFits(references);
  useEffect(() => {
    if (fits) onFits(new Map([...fits].map(([reference, { verdict }]) => [reference, verdict])));
  }, [fits, onFits]);
  return null;
}
