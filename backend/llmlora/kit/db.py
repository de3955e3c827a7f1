"""PostgreSQL by SQLAlchemy and asyncpg. Transactions begin and end in `unit_of_work`; everything below it flushes."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine


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
