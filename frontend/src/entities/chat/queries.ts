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

import { forgetAnswers, useAnswering } from "./answering";
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

/** A conversation with its turns, looked at while it is being answered to another page, or to this one before a reload. */
export function useChatSession(id: string | null) {
  const isAnsweredHere = useAnswering((store) => id !== null && (store.live[id]?.isAnswering ?? false));
  return useQuery({
    ...chatSessionOptions(id ?? ""),
    enabled: id !== null,
    refetchInterval: ({ state }) => (state.data?.answering && !isAnsweredHere ? LOOK_EVERY_MS : false),
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

export function useDeleteChatSession() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: async (id: string) => {
      await deleteChatSession({ path: { session_id: id } });
    },
    onSuccess: (_, id) => {
      forgetAnswers(id);
      client.removeQueries({ queryKey: chatKeys.session(id) });
      return client.invalidateQueries({ queryKey: chatKeys.sessions });
    },
  });
}
