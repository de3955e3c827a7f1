"use client";

import { useTranslations } from "next-intl";

import type { FindingOut } from "@/lib/api/generated/types.gen";

const NAMED = [
  "python",
  "packages",
  "memory",
  "processor",
  "data_dir",
  "disk",
  "bundled_model",
  "llama_cpp",
  "gguf_converters",
  "torch",
  "postgres",
  "valkey",
  "inference",
  "worker",
  "services",
  "locale",
  "clock",
  "database_clock",
  "models",
  "ollama",
] as const;

/** What a line of the report is called in the page's language; its id, where the doctor has learned something new. */
export function useFindingName(): (id: string) => string {
  const t = useTranslations("system.findings");
  return (id) => {
    const known = NAMED.find((name) => name === id);
    return known ? t(known) : id;
  };
}

const WEIGHT = { fail: 0, warn: 1, ok: 2 } as const;

/** What is wrong before what is well; otherwise as the doctor told it. */
export function troublesFirst(findings: readonly FindingOut[]): FindingOut[] {
  return [...findings].sort((one, other) => WEIGHT[one.state] - WEIGHT[other.state]);
}

/** The command that a cure names, to copy: `./llmlora up`. */
export function commandIn(cure: string): string | null {
  return /\.\/llmlora(?: [\w-]+)+/.exec(cure)?.[0] ?? null;
}
