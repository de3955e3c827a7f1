"""Ollama beside us: never required, asked over HTTP, its store read where it can be."""
