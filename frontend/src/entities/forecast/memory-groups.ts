import type { Part } from "@/lib/api/generated/types.gen";

export const MEMORY_GROUPS = ["weights", "adapter", "activations", "libraries", "other"] as const;
export type MemoryGroup = (typeof MEMORY_GROUPS)[number];

const GROUP_OF: Readonly<Record<string, MemoryGroup>> = {
  weights: "weights",
  adapters: "adapter",
  optimizer: "adapter",
  gradients: "adapter",
  activations: "activations",
  logits: "activations",
  libraries: "libraries",
};

export interface MemoryShare {
  group: MemoryGroup;
  size_bytes: number;
  parts: Part[];
}

/** The parts of the memory, few enough to see in a bar. */
export function memoryShares(parts: readonly Part[]): MemoryShare[] {
  return MEMORY_GROUPS.flatMap((group) => {
    const members = parts.filter((part) => (GROUP_OF[part.name] ?? "other") === group);
    if (members.length === 0) return [];
    return [{ group, parts: members, size_bytes: members.reduce((sum, part) => sum + part.size_bytes, 0) }];
  });
}
