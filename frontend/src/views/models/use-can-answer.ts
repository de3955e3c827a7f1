import { useDeployments } from "@/entities/model/queries";
import type { OllamaModelOut } from "@/lib/api/generated/types.gen";

/** Whether a model of Ollama's may be talked to: one that was made here only when its checks are green, or a person said so. */
export function useCanAnswer(): (model: OllamaModelOut) => boolean {
  const { deployments } = useDeployments();
  const refused = new Set(deployments.filter(({ state }) => state !== "ready").map(({ id }) => id));
  return ({ deployment_id: id }) => id === null || !refused.has(id);
}
