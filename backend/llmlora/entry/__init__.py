"""Doors of the house: the command line (and, later, the API and the worker)."""
