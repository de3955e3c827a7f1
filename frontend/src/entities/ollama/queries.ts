import { type QueryClient, queryOptions, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";

import { chatKeys } from "@/entities/chat/keys";
import { jobKeys } from "@/entities/job/keys";
import { checkOllamaModel, deleteOllamaModel, listOllamaModels, pullOllamaModel, showOllamaModel } from "@/lib/api/generated/sdk.gen";
import type { JobOut, OllamaCheckOut } from "@/lib/api/generated/types.gen";

import { ollamaKey } from "./keys";

const LOOKED_AT_EVERY_MS = 10_000;

/** What Ollama has, and how it is. Others may start, stop and change it at any time. */
export function ollamaModelsOptions() {
  return queryOptions({
    queryKey: [...ollamaKey, "list"],
    queryFn: async ({ signal }) => (await listOllamaModels({ signal })).data,
    refetchInterval: LOOKED_AT_EVERY_MS,
  });
}

/** What Ollama has, and how it is. */
export function useOllamaModels(enabled = true) {
  return useQuery({ ...ollamaModelsOptions(), enabled });
}

/** What Ollama tells about one model. */
export function useOllamaDetails(name: string) {
  return useQuery({
    queryKey: [...ollamaKey, "details", name],
    queryFn: async ({ signal }) => (await showOllamaModel({ path: { model_name: name }, signal })).data,
  });
}

export type Requested = { kind: "there"; check: OllamaCheckOut } | { kind: "pulling"; job: JobOut };

/** Get a model: one that is there already is only told of, unless it is to be looked for anew. */
export function usePullModel() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: async ({ name, anew = false }: { name: string; anew?: boolean }): Promise<Requested> => {
      if (!anew) {
        const { data } = await checkOllamaModel({ path: { model_name: name } });
        if (data.installed) return { kind: "there", check: data };
      }
      return { kind: "pulling", job: (await pullOllamaModel({ path: { model_name: name } })).data };
    },
    onSuccess: async (requested) => {
      if (requested.kind === "pulling") await client.invalidateQueries({ queryKey: jobKeys.lists });
    },
  });
}

/** Let Ollama forget a model. */
export function useDeleteOllamaModel() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: async (name: string) => {
      await deleteOllamaModel({ path: { model_name: name } });
    },
    onSuccess: (_, name) => {
      client.removeQueries({ queryKey: [...ollamaKey, "details", name] });
      refreshOllama(client);
    },
  });
}

/** Ask anew what Ollama has, wherever that shows. */
export function refreshOllama(client: QueryClient): void {
  void client.invalidateQueries({ queryKey: ollamaKey });
  void client.invalidateQueries({ queryKey: chatKeys.models });
}
