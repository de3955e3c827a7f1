"""Lets Ollama get a model, as a job: with progress, to be cancelled, and surviving a reload of the page."""
