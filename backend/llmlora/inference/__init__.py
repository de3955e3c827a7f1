"""Clients of inference servers behind `contracts.inference.InferenceBackend`. HTTP only, no torch."""
