"use client";

import { useState } from "react";

import { useResources } from "@/entities/system/queries";
import type { ResourcesOut } from "@/lib/api/generated/types.gen";

import { withSample } from "./history";

/** What the machine uses now, and used since the page was opened. */
export function useHistory() {
  const { data: now, isError } = useResources();
  const [samples, setSamples] = useState<readonly ResourcesOut[]>([]);
  const next = withSample(samples, now);
  if (next !== samples) setSamples(next);
  return { now, samples: next, isStale: isError };
}
