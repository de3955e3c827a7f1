"""Progress in bytes, and the places where a cancelled import stops."""

import time
from collections.abc import Callable

from llmlora.contracts.events import Progress
from llmlora.contracts.recipe import Context, RunCancelledError

INTERVAL_S = 0.2


def stop_if_cancelled(ctx: Context) -> None:
    """Leave where nothing is half made.

    Raises:
        RunCancelledError: SIGTERM was seen.
    """
    if ctx.cancelled:
        raise RunCancelledError


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
            ctx.emit(Progress(stage=stage, done=done, total=total, unit="bytes"))

    return count
