"""Names in Ollama: free to be taken, and given up again."""

from contextlib import suppress

import structlog

from llmlora.inference.ollama.errors import (
    OllamaBlobGoneError,
    OllamaModelMissingError,
    OllamaTagTakenError,
)
from llmlora.inference.ollama.neighbour import Neighbour
from llmlora.kit.errors import UnavailableError

_log = structlog.get_logger()


async def refuse_taken_tag(ollama: Neighbour, tag: str | None, *, replace: bool) -> None:
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


async def forget_tag(ollama: Neighbour, tag: str) -> None:
    """Let Ollama forget a tag. One that Ollama keeps because it does not run is not worth keeping a deployment for."""
    try:
        async with ollama.server() as server:
            await server.delete(tag)
    except (OllamaModelMissingError, OllamaBlobGoneError, UnavailableError) as error:
        _log.warning("deployment forgotten, its tag stays", tag=tag, code=error.code)
