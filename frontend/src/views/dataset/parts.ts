import type { Item } from "@/entities/dataset/token-view";

/** What rows consist of: the roles of their turns, and the columns that hold a text. `chosen` is among them in any case. */
export function partsOf(items: readonly Item[], chosen: string | null): string[] {
  const parts = new Set<string>();
  for (const { example } of items) {
    for (const { role } of example.messages ?? []) parts.add(role);
    for (const [name, value] of Object.entries(example)) if (typeof value === "string" && value !== "") parts.add(name);
  }
  if (chosen) parts.add(chosen);
  return [...parts];
}
