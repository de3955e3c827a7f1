"""Models that Ollama has: listed, pulled, looked into, deleted."""
