import { useMutation, useQueryClient } from "@tanstack/react-query";

import { createSession, deleteSession } from "@/lib/api/generated/sdk.gen";
import { liveClient } from "@/lib/live/shared";

/** Show the token once; it opens a session, which a cookie keeps. Everything is asked anew. `onShown`: before the answers come. */
export function useShowToken(onShown?: () => void) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: async (token: string) => {
      await createSession({ body: { token } });
    },
    onSuccess: () => {
      onShown?.();
      liveClient().retryNow();
      return client.invalidateQueries();
    },
  });
}

/** End this browser's session. The page is loaded anew: nothing of what it knew stays in it. */
export function useSignOut() {
  return useMutation({
    mutationFn: async () => {
      await deleteSession();
    },
    onSuccess: () => window.location.reload(),
  });
}
