"use client";

import { hashKey, type QueryKey, useQueryClient } from "@tanstack/react-query";
import { useEffect, useEffectEvent } from "react";

import { lookAgain } from "./look-again";

/** Look at a list again every so often, while the page is in sight. */
export function useLookAgain(queryKey: QueryKey, everyMs: number | false): void {
  const client = useQueryClient();
  const key = hashKey(queryKey);
  const look = useEffectEvent(() => {
    if (document.visibilityState === "visible") void lookAgain(client, queryKey);
  });
  useEffect(() => {
    if (everyMs === false) return;
    const timer = setInterval(look, everyMs);
    return () => clearInterval(timer);
  }, [key, everyMs]);
}
