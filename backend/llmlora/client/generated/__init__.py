"""Drawn from docs/openapi.json."""
