"""Brings a base model in: checked before it is loaded, described, and named by the digest of its weights."""
