import { Badge } from "@/components/ui/badge";
import type { DeploymentOut } from "@/lib/api/generated/types.gen";

const NAMES = { llama_cpp: "llama.cpp", ollama: "Ollama", onnx: "ONNX Runtime" } as const;

/** What an engine is called. */
export function engineName(engine: DeploymentOut["target"]): string {
  return NAMES[engine];
}

/** Which engine answers. */
export function EngineBadge({ engine }: { engine: DeploymentOut["target"] }) {
  return (
    <Badge className="font-normal">
      <span translate="no">{engineName(engine)}</span>
    </Badge>
  );
}
