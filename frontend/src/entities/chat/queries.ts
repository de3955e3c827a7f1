import { infiniteQueryOptions, queryOptions, useInfiniteQuery, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";

import {
  changeChatSession,
  createChatSession,
  getChatSession,
  listChatModels,
  listChatSessions,
} from "@/lib/api/generated/sdk.gen";
import type { SessionList, SessionIn, SessionPatch } from "@/lib/api/generated/types.gen";
import { useRows } from "@/lib/api/rows";

import { chatKeys } from "./keys";

const MODELS_EVERY_MS = 15_000; // a tuned model may pass its checks meanwhile

/** Names to talk to: deployments first. */
export function chatModelsOptions() {
  return queryOptions({
    queryKey: chatKeys.models,
    queryFn: async ({ signal }) => (await listChatModels({ signal })).data.data,
    refetchInterval: MODELS_EVERY_MS,
  });
}

/** Names to talk to: deployments first. */
export function useChatModels() {
  return useQuery(chatModelsOptions());
}

/** Conversations, the one used last first. */
export function chatSessionsOptions(tag: string | null = null, limit = 50) {
  return infiniteQueryOptions({
    queryKey: [...chatKeys.sessions, tag, limit],
    queryFn: async ({ pageParam, signal }) =>
      (await listChatSessions({ query: { limit, after: pageParam, ...(tag && { tag }) }, signal })).data,
    initialPageParam: null as string | null,
    getNextPageParam: (page: SessionList) => page.next,
  });
}

/** Conversations, the one used last first. */
export function useChatSessions(tag: string | null = null, limit = 50) {
  const query = useInfiniteQuery(chatSessionsOptions(tag, limit));
  return { ...query, sessions: useRows(query.data), totals: query.data?.pages[0] ?? null };
}

/** A conversation with its turns. */
export function chatSessionOptions(id: string) {
  return queryOptions({
    queryKey: chatKeys.session(id),
    queryFn: async ({ signal }) => (await getChatSession({ path: { session_id: id }, signal })).data,
  });
}

export function useCreateChatSession() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: async (session: SessionIn) => (await createChatSession({ body: session })).data,
    onSuccess: (session) => {
      client.setQueryData(chatKeys.session(session.id), { ...session, messages: [], answering: false });
      return client.invalidateQueries({ queryKey: chatKeys.sessions });
    },
  });
}

/** Change title, system prompt, models or sampling. */
export function useChangeChatSession() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: async ({ id, changes }: { id: string; changes: SessionPatch }) =>
      (await changeChatSession({ path: { session_id: id }, body: changes })).data,
    onSuccess: async ({ id }) => {
      await client.invalidateQueries({ queryKey: chatKeys.session(id) });
      await client.invalidateQueries({ queryKey: chatKeys.sessions });
    },
  });
}
