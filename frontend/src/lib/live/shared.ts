import { useSyncExternalStore } from "react";

import { socketUrl } from "../api/client";
import { announceUnauthorized } from "../api/unauthorized";
import { listTrainingEvents } from "../api/generated/sdk.gen";
import { type Connection, LiveClient } from "./live-client";

let shared: LiveClient | null = null;

/** The tab's one live client. */
export function liveClient(): LiveClient {
  shared ??= new LiveClient({
    url: socketUrl,
    onUnauthorized: announceUnauthorized,
    fetchPage: async (jobId, after, signal) => {
      const { data } = await listTrainingEvents({
        path: { job_id: jobId },
        query: { after },
        signal,
        throwOnError: true,
      });
      return { events: data.data, head_seq: data.head_seq, over: data.over, next: data.next };
    },
  });
  return shared;
}

/** How live the page is, for people to see. */
export function useConnection(): Connection {
  return useSyncExternalStore(
    (onChange) => liveClient().watchConnection(onChange),
    () => liveClient().connection,
    () => "idle",
  );
}
