"""Learns to predict a column of a table from the others."""
