import { queryOptions, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";

import { addWebhook, changeWebhook, listWebhookDeliveries, listWebhooks, removeWebhook, tryWebhook } from "@/lib/api/generated/sdk.gen";
import type { DeliveryOut, WebhookChangeWritable, WebhookInWritable } from "@/lib/api/generated/types.gen";

const webhooksKey = ["webhooks"] as const;
const deliveriesKey = (id: string) => ["webhooks", "deliveries", id] as const;
/** While a message is on its way. */
const SOON_MS = 1000;
const LATER_MS = 15_000;
const SHOWN = 20;

export function webhooksOptions() {
  return queryOptions({
    queryKey: webhooksKey,
    queryFn: async ({ signal }) => (await listWebhooks({ signal })).data.data,
  });
}

export function useWebhooks() {
  return useQuery(webhooksOptions());
}

/** What a webhook was told, newest first; looked at again and again, more often while something is under way. */
export function useDeliveries(id: string) {
  return useQuery({
    queryKey: deliveriesKey(id),
    queryFn: async ({ signal }) => (await listWebhookDeliveries({ path: { webhook_id: id }, query: { limit: SHOWN }, signal })).data.data,
    refetchInterval: ({ state }) => (state.data?.some(isUnderWay) ? SOON_MS : LATER_MS),
  });
}

/** Whether its first try is still to end. */
function isUnderWay({ state, problem }: DeliveryOut): boolean {
  return state === "sending" || (state === "waiting" && problem === null);
}

export function useAddWebhook() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: async (webhook: WebhookInWritable) => (await addWebhook({ body: webhook })).data,
    onSuccess: () => client.invalidateQueries({ queryKey: webhooksKey, exact: true }),
    gcTime: 0, // its secret does not stay in memory
  });
}

export function useChangeWebhook(id: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: async (change: WebhookChangeWritable) => (await changeWebhook({ path: { webhook_id: id }, body: change })).data,
    onSuccess: () => client.invalidateQueries({ queryKey: webhooksKey }),
    gcTime: 0,
  });
}

export function useRemoveWebhook(id: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: async () => {
      await removeWebhook({ path: { webhook_id: id } });
    },
    onSuccess: () => client.invalidateQueries({ queryKey: webhooksKey, exact: true }),
  });
}

export function useTryWebhook(id: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: async () => (await tryWebhook({ path: { webhook_id: id } })).data,
    onSuccess: () => client.invalidateQueries({ queryKey: deliveriesKey(id) }),
  });
}
