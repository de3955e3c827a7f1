import { cx } from "class-variance-authority";
import { twMerge } from "tailwind-merge";

/** Class names in one string; of two that contradict each other the last one counts. */
export function cn(...classes: Parameters<typeof cx>): string {
  return twMerge(cx(...classes));
}
