"""Formulas of what a run takes, from facts that somebody else has collected. Free of torch."""
