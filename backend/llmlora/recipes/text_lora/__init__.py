"""LoRA fine-tuning of a causal language model on text."""
