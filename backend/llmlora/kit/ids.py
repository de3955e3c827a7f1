"""Identifiers made here, never by users: they sort by time and are safe as file names."""

import secrets
import time


def new_id(prefix: str) -> str:
    """`prefix_` + 11 hex digits of milliseconds + 8 random hex digits."""
    return f"{prefix}_{int(time.time() * 1000):011x}{secrets.token_hex(4)}"
