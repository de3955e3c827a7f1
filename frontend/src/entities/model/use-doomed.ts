import { useQueryClient } from "@tanstack/react-query";

import type { Doomed } from "@/components/ui/undo-delete";
import { shortName } from "@/entities/chat/choose";
import { ollamaKey } from "@/entities/ollama/keys";
import { deleteBaseModel, deleteDeployment } from "@/lib/api/generated/sdk.gen";

import { baseModelsKey, deploymentsKey } from "./queries";

/** A tuned model that is to be served no more, and how. */
export function useDoomedDeployment(): (deployment: { id: string; name: string }) => Doomed {
  const client = useQueryClient();
  return ({ id, name }) => ({
    id,
    name: shortName(name),
    erase: async ({ keepalive }) => {
      await deleteDeployment({ path: { deployment_id: id }, keepalive });
      client.removeQueries({ queryKey: [...deploymentsKey, "detail", id] });
      void client.invalidateQueries({ queryKey: deploymentsKey });
      void client.invalidateQueries({ queryKey: ollamaKey });
    },
  });
}

/** A base model that is to be forgotten, and how. */
export function useDoomedBase(): (model: { id: string; reference: string }) => Doomed {
  const client = useQueryClient();
  return ({ id, reference }) => ({
    id,
    name: shortName(reference),
    erase: async ({ keepalive }) => {
      await deleteBaseModel({ path: { model_id: id }, keepalive });
      void client.invalidateQueries({ queryKey: baseModelsKey });
    },
  });
}
