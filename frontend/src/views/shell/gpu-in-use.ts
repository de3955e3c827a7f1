import type { GpuOut } from "@/lib/api/generated/types.gen";

interface GpuInUse {
  count: number;
  /** Of the one that works most; of its memory, where no utilisation is told. */
  share: number;
  /** Used and whole, of all of them. */
  memory: [number, number] | undefined;
}

/** All accelerators in one line. */
export function gpuInUse(gpus: readonly GpuOut[]): GpuInUse | null {
  if (gpus.length === 0) return null;
  const used = sum(gpus.map((gpu) => gpu.used_bytes));
  const total = sum(gpus.map((gpu) => gpu.total_bytes));
  const told = gpus.flatMap((gpu) => gpu.utilisation_percent ?? []);
  const share = told.length > 0 ? Math.max(...told) / 100 : total > 0 ? used / total : 0;
  return { count: gpus.length, share, memory: total > 0 ? [used, total] : undefined };
}

function sum(values: readonly number[]): number {
  return values.reduce((one, other) => one + other, 0);
}
