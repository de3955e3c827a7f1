"""Ollama as a neighbour: never required, asked over HTTP, its store read where it can be."""
