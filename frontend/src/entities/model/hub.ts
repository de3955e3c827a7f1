import { queryOptions, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";

import { deleteHubToken, getHubAccess, setHubToken } from "@/lib/api/generated/sdk.gen";

const hubAccessKey = ["hub-access"] as const;

/** Refusals of an import that a token, or another one, cures. */
const CURED_BY_TOKEN: ReadonlySet<string> = new Set([
  "hub_repository_gated",
  "hub_access_not_granted",
  "hub_repository_missing",
  "hub_token_refused",
  "hub_token_unreadable",
  "hub_token_malformed",
  "hub_rate_limited",
]);

export function isCuredByToken(code: string): boolean {
  return CURED_BY_TOKEN.has(code);
}

/** Which hub imports ask, and whether there is a token for it. */
export function hubAccessOptions() {
  return queryOptions({
    queryKey: hubAccessKey,
    queryFn: async ({ signal }) => (await getHubAccess({ signal })).data,
  });
}

export function useHubAccess() {
  return useQuery(hubAccessOptions());
}

/** Keep a token; it is never given out again. */
export function useSetHubToken() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: async (token: string) => (await setHubToken({ body: { token } })).data,
    onSuccess: (access) => client.setQueryData(hubAccessKey, access),
    gcTime: 0, // what was typed does not stay in memory
  });
}

/** Forget the stored token. */
export function useDeleteHubToken() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: async () => {
      await deleteHubToken();
    },
    onSuccess: () => client.invalidateQueries({ queryKey: hubAccessKey }),
  });
}
