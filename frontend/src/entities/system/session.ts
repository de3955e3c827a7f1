import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";

import { createSession, deleteSession, getSession } from "@/lib/api/generated/sdk.gen";
import { liveClient } from "@/lib/live/shared";

/** Whether the API asks for a token; a problem with status 401 until it was shown. */
export function useSession() {
  return useQuery({
    queryKey: ["session"],
    queryFn: async ({ signal }) => (await getSession({ signal })).data,
    staleTime: Number.POSITIVE_INFINITY,
  });
}

/** Show the token once; it is then kept in a cookie. Everything is asked anew. `onShown`: before the answers come. */
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

/** Forget the token. */
export function useForgetToken() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: async () => {
      await deleteSession();
    },
    onSuccess: () => client.resetQueries(),
  });
}
