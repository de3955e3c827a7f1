"""From the name under which a model was judged to the one that was asked for.

The name means the old model until the one call that lets it mean the new one: whoever is killed before that call has
changed nothing, and whoever is killed behind it has only a second name left to forget.
"""

import asyncio
from contextlib import suppress

from llmlora.inference.ollama.errors import (
    OllamaJudgedModelChangedError,
    OllamaJudgedModelGoneError,
    OllamaModelMissingError,
)
from llmlora.inference.ollama.names import same_name
from llmlora.inference.ollama.server import OllamaServer
from llmlora.kit.errors import AppError

# A job that was told to end has no more than seconds.
DISCARD_TIMEOUT_S = 5.0


async def digest_of(server: OllamaServer, name: str) -> str | None:
    """The digest of a model's manifest; None: there is no such model, empty: the server does not tell.

    Raises:
        UnavailableError: it cannot be reached or fails.
    """
    return next((one.digest for one in await server.installed() if same_name(one.name, name)), None)


async def publish(server: OllamaServer, staged: str, wanted: str, judged: str | None) -> None:
    """Let `wanted` mean what was judged as `staged`, by its manifest's digest, and forget the other name.

    Where `wanted` means it already (the last try was killed behind the copy), that is enough.

    Raises:
        OllamaJudgedModelGoneError: neither name means it.
        OllamaJudgedModelChangedError: either name means something else.
        UnavailableError: the server cannot be reached or fails.
    """
    found = await digest_of(server, staged)
    if found is None:
        if judged is None or await digest_of(server, wanted) != judged:
            raise OllamaJudgedModelGoneError(name=wanted)
        return
    if judged and found != judged:
        raise OllamaJudgedModelChangedError(name=wanted)
    try:
        await server.copy(staged, wanted)
    except OllamaModelMissingError as error:
        raise OllamaJudgedModelGoneError(name=wanted) from error
    if await digest_of(server, wanted) != found:
        raise OllamaJudgedModelChangedError(name=wanted)
    await discard(server, staged)


async def discard(server: OllamaServer, staged: str) -> None:
    """Forget a staging name, within seconds. One that stays is hidden, and goes with a later deployment."""
    with suppress(AppError, TimeoutError):
        async with asyncio.timeout(DISCARD_TIMEOUT_S):
            await server.delete(staged)
