"""Engines whose models have names of their own there: who is asked, before hours of training, whether a name can be had."""

from collections.abc import Awaitable
from typing import Protocol

from llmlora.inference.ollama.connection import OllamaConnection
from llmlora.inference.ollama.tags import refuse_taken_tag


class RefuseTaken(Protocol):
    """Check that the engine answers, and that nobody else has the name; None: one that is made up later."""

    def __call__(self, ollama: OllamaConnection, tag: str | None, *, replace: bool) -> Awaitable[None]:
        """Raises: an `AppError` where it does not, or somebody has."""


REFUSE_TAKEN: dict[str, RefuseTaken] = {"ollama": refuse_taken_tag}
"""By the deployment target that the engine serves; others give their models names that nobody else can have."""
