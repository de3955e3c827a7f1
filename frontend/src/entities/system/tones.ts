const TIGHT = 0.85;
const FULL = 0.95;
const GB = 1e9;

/** Of memory that is in use, from 0 to 1. */
export function toneOfShare(share: number | null): "ai" | "caution" | "bad" {
  if (share === null || share < TIGHT) return "ai";
  return share < FULL ? "caution" : "bad";
}

/** Of a disk, by what is free on it: a base model or a checkpoint needs gigabytes. */
export function toneOfDisk(freeBytes: number | null): "ai" | "caution" | "bad" {
  if (freeBytes === null || freeBytes >= 10 * GB) return "ai";
  return freeBytes >= 2 * GB ? "caution" : "bad";
}
