"""Turns an adapter, a merged model or a base model into GGUF by llama.cpp's own converters."""
