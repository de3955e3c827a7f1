import type { ProgressOut } from "@/lib/api/generated/types.gen";

/** A layer on its way, by the first digits of its digest. */
export interface Layer {
  digest: string;
  done: number;
  total: number;
}

const LAYER = /^layer ([0-9a-f]+)$/;

/** The layer that a pull is at; null while it has not come to one. */
export function layerOf(progress: ProgressOut | null): Layer | null {
  const digest = progress && LAYER.exec(progress.stage)?.[1];
  return digest ? { digest, done: progress.done, total: progress.total } : null;
}
