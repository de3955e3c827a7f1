"""Everything of a data directory in one file, and back (ADR 0023)."""
