"""Base models: known by the digest of their weights, checked again before every use."""
