"""Kinds of data as the wire shows them: what pages draw rows and columns from."""
