const DEPLOYING: ReadonlySet<string> = new Set(["deploy_llama_cpp", "deploy_ollama"]);

/** Whether a recipe puts a tuned model up and judges it. */
export function isDeploying(recipe: string): boolean {
  return DEPLOYING.has(recipe);
}
