/** Beyond so many options a Select makes one search: a Combobox finds by typing. */
export const FEW = 12;

/** One of what a Select or a Combobox offers. */
export interface Option<Value extends string = string> {
  value: Value;
  label: string;
  /** A few words behind the label. */
  hint?: string;
  /** A word over this option and its neighbours of the same group. */
  group?: string;
  disabled?: boolean;
}

export interface OptionGroup<Value extends string = string> {
  value: string;
  items: Option<Value>[];
}

/** Options under their groups, in the order in which groups first come; null where none has a group. */
export function groupsOf<Value extends string>(options: readonly Option<Value>[]): OptionGroup<Value>[] | null {
  if (!options.some(({ group }) => group)) return null;
  const groups = new Map<string, Option<Value>[]>();
  for (const option of options) {
    const known = groups.get(option.group ?? "");
    if (known) known.push(option);
    else groups.set(option.group ?? "", [option]);
  }
  return [...groups].map(([value, items]) => ({ value, items }));
}
