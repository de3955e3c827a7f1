import type { DeployRequest, JobDetail, RegisteredTag } from "@/lib/api/generated/types.gen";

/** What Ollama is given: base and adapter, or one merged model, rounded or not; `auto`: what it takes. */
export const OLLAMA_FORMS = ["auto", "adapter", "none", "q8_0", "q4_K_M", "q4_K_S"] as const;
export type OllamaForm = (typeof OLLAMA_FORMS)[number];

/** A form as a request says it. */
export function routeOf(form: OllamaForm): Pick<DeployRequest, "route" | "quantize"> {
  return form === "auto" || form === "adapter" ? { route: form } : { route: "merged", quantize: form };
}

/** The form that a registering job was asked for. */
export function formOf({ route, quantize }: JobDetail["config"]): OllamaForm {
  const form = OLLAMA_FORMS.find((one) => one === (route === "merged" || quantize !== "none" ? quantize : route));
  return form ?? "auto";
}

/** The form of what is registered; null where that is not known. */
export function formOfTag({ route, quantize }: RegisteredTag): OllamaForm | null {
  if (route === "auto") return null;
  return OLLAMA_FORMS.find((one) => one === (route === "merged" ? quantize : route)) ?? null;
}

const IN_TAG: Partial<Record<OllamaForm, string>> = { auto: "f16", adapter: "adapter-f16", none: "merged-f16" };

/** How the name that Ollama's model gets by itself tells its form. */
export function formInTag(form: OllamaForm): string {
  return IN_TAG[form] ?? form.toLowerCase();
}
