"""GGUF files: read as base models, and made by llama.cpp's own converters from adapters, merged models and bases."""
