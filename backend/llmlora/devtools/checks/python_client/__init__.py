"""The typed surface of `llmlora.client`, drawn from the OpenAPI document: models, and a method an operation."""
