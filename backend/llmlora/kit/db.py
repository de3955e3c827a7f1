"""PostgreSQL by SQLAlchemy and asyncpg. Transactions begin and end in `unit_of_work`; everything below it flushes."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg
from sqlalchemy.exc import DBAPIError, InterfaceError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine

# SQLSTATE classes: connection exception, insufficient resources, operator intervention (a shutdown), system error.
_OUTAGE_CLASSES = frozenset({"08", "53", "57", "58"})


class Database:
    """A pool of connections to one database."""

    def __init__(self, url: str) -> None:
        self.engine: AsyncEngine = create_async_engine(asyncpg_url(url), pool_pre_ping=True)
        self._sessions = async_sessionmaker(self.engine, expire_on_commit=False)

    @asynccontextmanager
    async def unit_of_work(self) -> AsyncIterator[AsyncSession]:
        """One transaction: committed when the block ends well, rolled back when it raises."""
        async with self._sessions() as session, session.begin():
            yield session

    async def close(self) -> None:
        """Give all connections back."""
        await self.engine.dispose()


def asyncpg_url(url: str) -> str:
    """`url` with the driver named, for those who write `postgresql://` or `postgres://` as elsewhere."""
    scheme, separator, rest = url.partition("://")
    return f"postgresql+asyncpg{separator}{rest}" if scheme in {"postgres", "postgresql"} else url


def is_outage(error: BaseException) -> bool:
    """Whether an error says that the database is away or restarting, so that trying again can help."""
    if isinstance(error, DBAPIError):
        if error.connection_invalidated or isinstance(error, InterfaceError):
            return True
        error = error.orig.__cause__ or error.orig if error.orig is not None else error
    if isinstance(error, asyncpg.PostgresError):
        return str(error.sqlstate or "")[:2] in _OUTAGE_CLASSES
    return isinstance(error, OSError | TimeoutError | asyncpg.InterfaceError)
