"""How a backup or a restore goes on, and what its disk refuses."""

import errno
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import asyncpg
from sqlalchemy.exc import SQLAlchemyError

from llmlora.engine.embedded.connect import is_full_disk, refusal_in_words
from llmlora.features.backup.errors import BackupDiskFullError, BackupPlaceError
from llmlora.features.backup.schemas import OnBytes
from llmlora.kit.settings import Settings

_NAMED_DATABASE = ("LLMLORA_DATABASE_URL のデータベース", "the database of LLMLORA_DATABASE_URL")


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


@contextmanager
def database_told_in_words(settings: Settings) -> Iterator[None]:
    """Turn what the database refuses, or that it is gone, into an error that says what to change.

    Raises:
        BackupDiskFullError: its disk is full.
        UnavailableError: anything else, as when it is reached for the first time.
    """
    try:
        yield
    except (SQLAlchemyError, asyncpg.PostgresError, asyncpg.InterfaceError, ConnectionError) as error:
        if is_full_disk(error):
            place = settings.data_dir if settings.database_url is None else _NAMED_DATABASE
            raise BackupDiskFullError(path=place) from error
        raise refusal_in_words(settings, error) from error


def shown_bytes(stage: str, total: int, on_bytes: OnBytes) -> Callable[[int], None]:
    """A function that is told of each piece and passes on how much of the stage is done."""
    done = 0

    def piece(size: int) -> None:
        nonlocal done
        done = min(total, done + size)
        on_bytes(stage, done, total)

    return piece
