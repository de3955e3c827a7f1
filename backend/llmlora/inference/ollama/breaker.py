"""A circuit breaker: a server that fails again and again is left alone for a while, so that nobody waits for it."""

import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from llmlora.inference.ollama.errors import (
    OllamaRestingError,
    OllamaTimeoutError,
    OllamaUnreachableError,
)

FAILURES, REST_S = 3, 10.0


class Breaker:
    """Opens after `FAILURES` calls in a row that got no answer; after `REST_S` one call may try again."""

    def __init__(self, base_url: str, clock: Callable[[], float] = time.monotonic) -> None:
        self._base_url = base_url
        self._clock = clock
        self._failures = 0
        self._rests_until = 0.0

    @asynccontextmanager
    async def watched(self) -> AsyncIterator[None]:
        """A call: refused while the breaker rests, counted when it gets no answer.

        Raises:
            OllamaRestingError: it rests.
        """
        left = self._rests_until - self._clock()
        if left > 0:
            raise OllamaRestingError(base_url=self._base_url, rest_s=left)
        try:
            yield
        except (OllamaUnreachableError, OllamaTimeoutError):
            self._failures += 1
            if self._failures >= FAILURES:
                self._rests_until = self._clock() + REST_S
            raise
        self.reset()

    def reset(self) -> None:
        """It answers."""
        self._failures, self._rests_until = 0, 0.0
