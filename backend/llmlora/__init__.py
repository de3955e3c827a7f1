"""llmlora: from a file of examples to a tuned model that answers."""

__version__ = "0.1.0"
