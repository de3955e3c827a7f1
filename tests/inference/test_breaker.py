"""A neighbour that does not answer is left alone, and found again."""

import pytest

from llmlora.inference.ollama.breaker import FAILURES, REST_S, Breaker
from llmlora.inference.ollama.errors import OllamaRefusedError, OllamaRestingError, OllamaUnreachableError
from llmlora.kit.errors import AppError

pytestmark = pytest.mark.anyio


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


async def call(breaker: Breaker, error: AppError | None) -> None:
    async with breaker.watched():
        if error is not None:
            raise error


async def fail(breaker: Breaker, times: int) -> None:
    for _ in range(times):
        with pytest.raises(OllamaUnreachableError):
            await call(breaker, OllamaUnreachableError(base_url="x", reason="refused"))


async def test_after_failures_in_a_row_nobody_waits_until_it_has_rested() -> None:
    clock = Clock()
    breaker = Breaker("x", clock)
    await fail(breaker, FAILURES)
    with pytest.raises(OllamaRestingError):
        await call(breaker, None)
    clock.now += REST_S
    await call(breaker, None)
    await fail(breaker, FAILURES - 1)
    await call(breaker, None)


async def test_one_try_after_the_rest_decides() -> None:
    clock = Clock()
    breaker = Breaker("x", clock)
    await fail(breaker, FAILURES)
    clock.now += REST_S
    await fail(breaker, 1)
    with pytest.raises(OllamaRestingError):
        await call(breaker, None)


async def test_a_refusal_is_an_answer() -> None:
    breaker = Breaker("x", Clock())
    for _ in range(FAILURES + 1):
        with pytest.raises(OllamaRefusedError):
            await call(breaker, OllamaRefusedError(reason="no"))
