"""Requests with an `Idempotency-Key`: done once, answered as often as they are sent."""
