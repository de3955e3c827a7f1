"""Access to the Hugging Face hub: its address, and a token that nobody is shown again."""
