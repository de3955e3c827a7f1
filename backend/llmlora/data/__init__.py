"""Examples in, tokens out. The tokenizer is always passed in; torch is never imported."""
