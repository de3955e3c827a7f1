export const DATASET_KINDS = ["text.instruction", "text.chat", "text.completion", "text.preference"] as const;

type DatasetKind = (typeof DATASET_KINDS)[number];

/** The kind if the pages have words for it; a studio can have more kinds. */
export function knownKind(kind: string): DatasetKind | null {
  return DATASET_KINDS.find((one) => one === kind) ?? null;
}

/** The kind as messages name it: `text.chat` is `chat`. */
export function kindName(kind: string): "instruction" | "chat" | "completion" | "preference" | "other" {
  const known = knownKind(kind);
  return known ? NAMES[known] : "other";
}

/** Whether a recipe trains on this kind; preferences can be kept and looked at, not yet learnt. */
export function isTrainable(kind: string): boolean {
  return knownKind(kind) !== null && kind !== "text.preference";
}

const NAMES = {
  "text.instruction": "instruction",
  "text.chat": "chat",
  "text.completion": "completion",
  "text.preference": "preference",
} as const;

export const FIELD_NAMES = [
  "instruction",
  "input",
  "output",
  "system",
  "history",
  "messages",
  "tools",
  "text",
  "prompt",
  "completion",
  "chosen",
  "rejected",
] as const;
export type FieldName = (typeof FIELD_NAMES)[number];

export function isFieldName(name: string): name is FieldName {
  return FIELD_NAMES.some((one) => one === name);
}

export interface Field {
  name: FieldName;
  required: boolean;
}

type Mapping = Readonly<Record<string, string>>;

const need = (...names: FieldName[]): Field[] => names.map((name) => ({ name, required: true }));
const may = (...names: FieldName[]): Field[] => names.map((name) => ({ name, required: false }));

/** What the columns of a file can mean for a kind; a kind that can be written in two ways is told by its mapping. */
export function fieldsOf(kind: string, mapping: Mapping): Field[] {
  switch (knownKind(kind)) {
    case null:
      return [];
    case "text.instruction":
      return [...need("instruction", "output"), ...may("input", "system", "history")];
    case "text.chat":
      if (mapping.prompt) return [...need("prompt", "completion"), ...may("system", "tools")];
      return [...need("messages"), ...may("system", "tools")];
    case "text.completion":
      return mapping.text ? need("text") : need("prompt", "completion");
    case "text.preference":
      if (mapping.chosen && !mapping.prompt) return [...need("chosen", "rejected"), ...may("system")];
      return [...need("prompt", "chosen", "rejected"), ...may("input", "system")];
  }
}

/** The mapping with a field on another column (null: none); a field that had this column takes the one that became free. */
export function remapped(mapping: Mapping, field: FieldName, column: string | null): Record<string, string> {
  const { [field]: before, ...others } = mapping;
  if (column === null) return others;
  const next: Record<string, string> = { ...others, [field]: column };
  const loser = Object.keys(others).find((name) => others[name] === column);
  if (loser) {
    if (before) next[loser] = before;
    else delete next[loser];
  }
  return next;
}

/** Whether every field that the kind needs has a column. */
export function isComplete(kind: string, mapping: Mapping): boolean {
  return fieldsOf(kind, mapping).every((field) => !field.required || mapping[field.name]);
}
