"""Reaches a database and a queue, embedded or named by the settings, and says in words why it cannot."""

import asyncpg
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from llmlora.engine.embedded.errors import (
    DiskFullError,
    ExternalServiceUnreachableError,
    PostgresUnavailableError,
)
from llmlora.engine.embedded.migrate import migrate
from llmlora.kit.db import Database
from llmlora.kit.redis import answers_ping
from llmlora.kit.settings import Settings

# Whatever a driver says of a bad address, a refused connection or a failing statement.
_REFUSALS = (OSError, SQLAlchemyError, asyncpg.PostgresError, asyncpg.InterfaceError, ValueError, TypeError)


async def prepare_database(settings: Settings, url: str) -> None:
    """Bring the database at `url` to this version's tables.

    Raises:
        DatabaseNewerError: a later version of llmlora has migrated it.
        DiskFullError: the embedded database has no room.
        ExternalServiceUnreachableError: the database that the settings name refuses.
        PostgresUnavailableError: the embedded one refuses.
    """
    try:
        database = Database(url)
        try:
            await migrate(database.engine)
        finally:
            await database.close()
    except _REFUSALS as error:
        reason = (str(error).strip().splitlines() or [type(error).__name__])[0]
        if settings.database_url is not None:
            raise ExternalServiceUnreachableError(setting="LLMLORA_DATABASE_URL", reason=reason) from error
        if "No space left" in str(error):
            raise DiskFullError(path=settings.data_dir) from error
        log = settings.data_dir / "postgres" / "log"
        raise PostgresUnavailableError(reason=reason, log=log) from error


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
        database = Database(url)
        try:
            async with database.engine.connect() as connection:
                await connection.execute(text("SELECT 1"))
        finally:
            await database.close()
    except _REFUSALS:
        return False
    return True
