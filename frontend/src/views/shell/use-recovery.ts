"use client";

import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef } from "react";

import { useIsOffline } from "@/entities/system/queries";
import { liveClient } from "@/lib/live/shared";

/** When the server answers again, what failed in the meantime is asked again. */
export function useRecovery(): void {
  const client = useQueryClient();
  const isOffline = useIsOffline();
  const wasOffline = useRef(false);
  useEffect(() => {
    if (wasOffline.current && !isOffline) {
      liveClient().retryNow();
      void client.invalidateQueries({ predicate: (query) => query.state.status === "error" || query.state.fetchFailureCount > 0 });
    }
    wasOffline.current = isOffline;
  }, [client, isOffline]);
}
