"""Reads that may take minutes, off the event loop: they end with their caller, and nothing else waits behind them."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from llmlora.kit.files import OnBytes

T = TypeVar("T")

# Threads of their own: in the loop's default pool a few slow disks would hold up all that is quick, such as heartbeats.
_READERS = ThreadPoolExecutor(max_workers=8, thread_name_prefix="reading")


class _AbandonedError(Exception):
    """Whoever wanted the result has gone."""


async def read_aside(work: Callable[[OnBytes], T]) -> T:
    """What `work` returns, from a thread. It has to call what it is given with every piece that it reads.

    Cancelling the caller ends the reading at its next piece.
    """
    abandoned = False

    def on_bytes(_size_bytes: int) -> None:
        if abandoned:
            raise _AbandonedError

    reading = asyncio.get_running_loop().run_in_executor(_READERS, work, on_bytes)
    try:
        return await asyncio.shield(reading)
    except asyncio.CancelledError:
        abandoned = True
        reading.add_done_callback(lambda ended: ended.cancelled() or ended.exception())
        raise
