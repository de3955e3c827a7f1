"""Kinds of data: a folder for each family of them. `protocol.py` says what a family does, `registry.py` which ones there are."""
