"""Exports what a training has left to Core ML."""
