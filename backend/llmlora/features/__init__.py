"""Slices: service (verbs) over repository (SQL), with schemas and errors of their own."""
