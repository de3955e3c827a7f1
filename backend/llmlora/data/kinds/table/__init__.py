"""Rows of columns, one of which is to be predicted."""
