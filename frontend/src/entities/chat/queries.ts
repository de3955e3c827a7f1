import { infiniteQueryOptions, queryOptions, useInfiniteQuery, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";

import {
  changeChatSession,
  createChatSession,
  deleteChatSession,
  getChatSession,
  listChatModels,
  listChatSessions,
} from "@/lib/api/generated/sdk.gen";
import type { PageSessionOut, SessionIn, SessionPatch } from "@/lib/api/generated/types.gen";
import { useRows } from "@/lib/api/rows";

import { mayStillBeKept } from "./asked";
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
export function chatSessionsOptions(limit = 50) {
  return infiniteQueryOptions({
    queryKey: [...chatKeys.sessions, limit],
    queryFn: async ({ pageParam, signal }) =>
      (await listChatSessions({ query: { limit, after: pageParam }, signal })).data,
    initialPageParam: null as string | null,
    getNextPageParam: (page: PageSessionOut) => page.next,
  });
}

/** Conversations, the one used last first. */
export function useChatSessions(limit = 50) {
  const query = useInfiniteQuery(chatSessionsOptions(limit));
  return { ...query, sessions: useRows(query.data) };
}

/** A conversation with its turns. */
export function chatSessionOptions(id: string) {
  return queryOptions({
    queryKey: chatKeys.session(id),
    queryFn: async ({ signal }) => (await getChatSession({ path: { session_id: id }, signal })).data,
  });
}

const LOOK_EVERY_MS = 700;

/** A conversation with its turns. After a reload in mid-answer it is looked at until what had been said is kept. */
export function useChatSession(id: string | null) {
  return useQuery({
    ...chatSessionOptions(id ?? ""),
    enabled: id !== null,
    refetchInterval: ({ state }) => (state.data && mayStillBeKept(state.data, Date.now()) ? LOOK_EVERY_MS : false),
  });
}

export function useCreateChatSession() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: async (session: SessionIn) => (await createChatSession({ body: session })).data,
    onSuccess: (session) => {
      client.setQueryData(chatKeys.session(session.id), { ...session, messages: [] });
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

export function useDeleteChatSession() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: async (id: string) => {
      await deleteChatSession({ path: { session_id: id } });
    },
    onSuccess: (_, id) => {
      client.removeQueries({ queryKey: chatKeys.session(id) });
      return client.invalidateQueries({ queryKey: chatKeys.sessions });
    },
  });
}
