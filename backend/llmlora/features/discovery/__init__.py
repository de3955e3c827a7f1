"""Finding a base model that fits this machine."""
