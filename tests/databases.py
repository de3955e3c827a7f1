"""Databases of somebody's own on a server that many share."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import text
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import create_async_engine

from llmlora.engine.embedded.migrate import migrate
from llmlora.kit.db import Database, asyncpg_url
from llmlora.kit.ids import new_id


async def on_server(database_url: str, *statements: str) -> None:
    """Run statements that no transaction may hold."""
    engine = create_async_engine(asyncpg_url(database_url), isolation_level="AUTOCOMMIT")
    async with engine.connect() as connection:
        for statement in statements:
            await connection.execute(text(statement))
    await engine.dispose()


def named(database_url: str, name: str) -> str:
    """The address of another database on the same server."""
    url = make_url(asyncpg_url(database_url)).set(database=name)
    return url.render_as_string(hide_password=False)


async def _made(database_url: str, name: str) -> str:
    await on_server(database_url, f"CREATE DATABASE {name}")
    own = named(database_url, name)
    database = Database(own)
    await migrate(database.engine)
    await database.close()
    return own


@contextmanager
def own_database(database_url: str) -> Iterator[str]:
    """The address of a migrated, empty database beside this one, dropped when the block ends."""
    name = new_id("own")
    yield asyncio.run(_made(database_url, name))
    asyncio.run(on_server(database_url, f"DROP DATABASE {name} WITH (FORCE)"))
