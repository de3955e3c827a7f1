"""Recipes as the wire shows them: what a form is drawn from."""
