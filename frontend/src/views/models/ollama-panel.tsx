import { useOllamaModels } from "@/entities/ollama/queries";

import { OllamaDrawer } from "./ollama-drawer";

interface OllamaPanelProps {
  name: string;
  onOpenDeployment: (id: string) => void;
  onClose: () => void;
}

/** The drawer of the model that the address names, as long as Ollama has it. */
export function OllamaPanel({ name, ...actions }: OllamaPanelProps) {
  const model = useOllamaModels().data?.data.find((one) => one.name === name);
  return model ? <OllamaDrawer key={name} model={model} {...actions} /> : null;
}
