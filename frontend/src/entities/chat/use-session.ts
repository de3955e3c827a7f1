"use client";

import { useQuery, useQueryClient } from "@tanstack/react-query";

import type { Doomed } from "@/components/ui/undo-delete";
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

/** A conversation that is to be deleted, and how. */
export function useDoomedChat(): (session: { id: string; name: string }) => Doomed {
  const client = useQueryClient();
  return ({ id, name }) => ({
    id,
    name,
    erase: async ({ keepalive }) => {
      await deleteChatSession({ path: { session_id: id }, keepalive });
      forgetAnswers(id);
      client.removeQueries({ queryKey: chatKeys.session(id) });
      await client.invalidateQueries({ queryKey: chatKeys.sessions });
    },
  });
}
