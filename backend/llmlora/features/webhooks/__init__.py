"""Webhooks: addresses that are told when a job ends, what they were told, and how it was delivered."""
