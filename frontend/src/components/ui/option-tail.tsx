import { Check } from "lucide-react";

import type { Option } from "./option";
import { PersonsName } from "./persons-name";

/** How the word over a group of options looks. */
export const GROUP_LABEL = "px-2 pt-1.5 pb-0.5 text-2xs font-medium text-ink-3";

/** Behind the label of an option in a list: its hint, and a mark where it is the chosen one. */
export function OptionTail({ hint }: Pick<Option, "hint">) {
  return (
    <>
      {hint && <span className="shrink-0 text-xs text-ink-3"><PersonsName>{hint}</PersonsName></span>}
      <Check className="invisible size-3.5 shrink-0 in-data-selected:visible" aria-hidden />
    </>
  );
}
