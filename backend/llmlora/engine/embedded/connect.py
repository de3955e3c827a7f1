"""Reaches a database and a queue, embedded or named by the settings, and says in words why it cannot."""

from collections.abc import Iterator
from contextlib import contextmanager

import asyncpg
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from llmlora.engine.embedded.errors import (
    DiskFullError,
    ExternalServiceUnreachableError,
    PostgresUnavailableError,
    RestoreUnfinishedError,
)
from llmlora.engine.embedded.migrate import migrate
from llmlora.kit.db import Database
from llmlora.kit.errors import UnavailableError
from llmlora.kit.redis import answers_ping
from llmlora.kit.settings import Settings

# Lies in a data directory from the first to the last moment of a restore into it (`features.backup`).
HALF_RESTORED = "restore.json"
# Whatever a driver says of a bad address, a refused connection or a failing statement.
_REFUSALS = (OSError, SQLAlchemyError, asyncpg.PostgresError, asyncpg.InterfaceError, ValueError, TypeError)


async def prepare_database(settings: Settings, url: str) -> None:
    """Bring the database at `url` to this version's tables.

    Raises:
        DatabaseNewerError: a later version of llmlora has migrated it.
        DiskFullError: the embedded database has no room.
        ExternalServiceUnreachableError: the database that the settings name refuses.
        PostgresUnavailableError: the embedded one refuses.
        RestoreUnfinishedError: a restore into the data directory has not finished.
    """
    if (settings.data_dir / HALF_RESTORED).exists():
        raise RestoreUnfinishedError(path=settings.data_dir)
    with _told_in_words(settings):
        database = Database(url)
        try:
            await migrate(database.engine)
        finally:
            await database.close()


async def reach_database(settings: Settings, url: str) -> None:
    """Check that the database at `url` answers; a restore makes its tables itself.

    Raises:
        ExternalServiceUnreachableError, PostgresUnavailableError, DiskFullError: as `prepare_database`.
    """
    with _told_in_words(settings):
        await _ask(url)


async def require_redis(url: str) -> None:
    """Check the queue that the settings name.

    Raises:
        ExternalServiceUnreachableError: it does not answer.
    """
    if not await answers_ping(url):
        raise ExternalServiceUnreachableError(
            setting="LLMLORA_REDIS_URL", reason=("PING に応答しない", "no answer to PING")
        )


async def database_answers(url: str) -> bool:
    """Whether the database at `url` answers a query now."""
    try:
        await _ask(url)
    except _REFUSALS:
        return False
    return True


async def _ask(url: str) -> None:
    database = Database(url)
    try:
        async with database.engine.connect() as connection:
            await connection.execute(text("SELECT 1"))
    finally:
        await database.close()


def refusal_in_words(settings: Settings, error: Exception) -> UnavailableError:
    """What to say of an error of the database that the settings name, or of the embedded one."""
    reason = (str(error).strip().splitlines() or [type(error).__name__])[0]
    if settings.database_url is not None:
        return ExternalServiceUnreachableError(setting="LLMLORA_DATABASE_URL", reason=reason)
    if is_full_disk(error):
        return DiskFullError(path=settings.data_dir)
    return PostgresUnavailableError(reason=reason, log=settings.data_dir / "postgres" / "log")


def is_full_disk(error: Exception) -> bool:
    """Whether the database says that its disk is full."""
    return isinstance(error, asyncpg.DiskFullError) or "No space left" in str(error)


@contextmanager
def _told_in_words(settings: Settings) -> Iterator[None]:
    try:
        yield
    except _REFUSALS as error:
        raise refusal_in_words(settings, error) from error
