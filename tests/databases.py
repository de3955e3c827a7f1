"""Databases of somebody's own on a server that many share."""

from sqlalchemy import text
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import create_async_engine

from llmlora.kit.db import asyncpg_url


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
