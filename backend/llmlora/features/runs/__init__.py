"""Runs: what a worker does around a child. References become paths before it, results become rows after it."""
