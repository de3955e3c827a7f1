"""Deployments: artifacts made available for use, and proved."""
