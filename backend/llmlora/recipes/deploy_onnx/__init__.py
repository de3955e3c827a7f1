"""Proves that an exported model answers as the trained one does."""
