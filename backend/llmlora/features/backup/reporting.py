"""How a backup or a restore goes on, and what its disk refuses."""

import errno
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from llmlora.features.backup.errors import BackupDiskFullError, BackupPlaceError
from llmlora.features.backup.schemas import OnBytes


@contextmanager
def told_in_words(place: Path) -> Iterator[None]:
    """Turn what the disk of `place` refuses into an error that says what to change.

    Raises:
        BackupDiskFullError: the disk is full.
        BackupPlaceError: anything else that the system refuses.
    """
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise BackupDiskFullError(path=error.filename or place) from error
        raise BackupPlaceError(path=error.filename or place, reason=error.strerror or error) from error


def shown_bytes(stage: str, total: int, on_bytes: OnBytes) -> Callable[[int], None]:
    """A function that is told of each piece and passes on how much of the stage is done."""
    done = 0

    def piece(size: int) -> None:
        nonlocal done
        done = min(total, done + size)
        on_bytes(stage, done, total)

    return piece
