"""Progress in bytes, and the places where a cancelled import stops."""

import time
from collections.abc import Callable

from llmlora.contracts.events import Progress
from llmlora.contracts.run import Context
from llmlora.recipes.blocks.cancelling import stop_if_cancelled

INTERVAL_S = 0.2
__all__ = ["byte_counter", "stop_if_cancelled"]


def byte_counter(ctx: Context, stage: str, total: int) -> Callable[[int], None]:
    """A function to call with every piece of bytes; it emits at most five times a second.

    Raises:
        RunCancelledError: from the returned function, once SIGTERM was seen.
    """
    done, last = 0, time.monotonic()

    def count(size_bytes: int) -> None:
        nonlocal done, last
        done += size_bytes
        if done >= total or time.monotonic() - last > INTERVAL_S:
            last = time.monotonic()
            stop_if_cancelled(ctx)
            ctx.emit(Progress(stage=stage, done=min(done, total), total=total, unit="bytes"))

    return count
