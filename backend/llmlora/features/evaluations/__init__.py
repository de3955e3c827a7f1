"""Evaluations: what runs have found on rows that they had not learned from."""
