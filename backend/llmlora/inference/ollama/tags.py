"""Names in Ollama: free to be taken."""

from contextlib import suppress

from llmlora.inference.ollama.connection import OllamaConnection
from llmlora.inference.ollama.errors import (
    OllamaBlobGoneError,
    OllamaModelMissingError,
    OllamaTagTakenError,
)


async def refuse_taken_tag(ollama: OllamaConnection, tag: str | None, *, replace: bool) -> None:
    """Before hours of training: Ollama runs, and nobody else has the name.

    Raises:
        OllamaTagTakenError: a model has it, and it is not to be replaced.
        UnavailableError: Ollama cannot be reached.
    """
    async with ollama.server() as server:
        if tag is None or replace:
            await server.version()
            return
        with suppress(OllamaModelMissingError, OllamaBlobGoneError):
            await server.details(tag)
            raise OllamaTagTakenError(name=tag)
