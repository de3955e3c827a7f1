"""Proves that a running server answers as the adapter was trained to."""
