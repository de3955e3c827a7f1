"""Datasets: files of examples, read once, kept unchanged, named by their content."""
