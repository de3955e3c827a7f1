"""Registers a tuned model with Ollama, and proves that it answers as it was trained to."""
