"use client";

import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";

import { deleteChatSession } from "@/lib/api/generated/sdk.gen";

import { forgetAnswers, useAnswering } from "./answering";
import { chatKeys } from "./keys";
import { chatSessionOptions } from "./queries";

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
