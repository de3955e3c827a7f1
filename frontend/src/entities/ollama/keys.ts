/** Where what Ollama has lies in the query cache. */
export const ollamaKey = ["ollama"] as const;
