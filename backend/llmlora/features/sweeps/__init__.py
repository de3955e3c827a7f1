"""Sweeps: the settings of any recipe, searched by trials that are ordinary jobs."""
