"""Batches: many jobs of one request."""
