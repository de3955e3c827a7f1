"""Brings a database to this version's tables, once, however many processes start together."""

from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, text
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.ext.asyncio import AsyncEngine

from llmlora.engine.embedded.errors import DatabaseNewerError

if TYPE_CHECKING:
    from alembic.config import Config

MIGRATIONS = Path(__file__).parents[3] / "migrations"
# Any constant of our own: whoever holds this advisory lock migrates.
_LOCK_KEY = 0x11_1A_0A


async def migrate(engine: AsyncEngine) -> None:
    """Upgrade to the newest migration; a database that is there already costs one query.

    Raises:
        DatabaseNewerError: a later version of llmlora has migrated it.
        sqlalchemy.exc.SQLAlchemyError: the database refuses.
    """
    known = known_revisions()
    current = await _current(engine)
    if current == known[-1]:
        return
    if current is not None and current not in known:
        raise DatabaseNewerError(found=current, newest=known[-1])
    async with engine.begin() as connection:
        await connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK_KEY})
        await connection.run_sync(upgrade)


def known_revisions() -> list[str]:
    """All revisions, oldest first: what stands before the `_` of the files' names (alembic is slow to import)."""
    return sorted(path.name.partition("_")[0] for path in (MIGRATIONS / "versions").glob("[0-9]*_*.py"))


def migration_config() -> "Config":
    """Alembic's configuration without a file."""
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.set_main_option("file_template", "%%(rev)s_%%(slug)s")
    return config


def upgrade(connection: Connection, revision: str = "head") -> None:
    """Bring the tables to a revision, in the transaction of this connection."""
    from alembic import command

    config = migration_config()
    config.attributes["connection"] = connection
    command.upgrade(config, revision)


async def _current(engine: AsyncEngine) -> str | None:
    try:
        async with engine.connect() as connection:
            version = await connection.scalar(text("SELECT version_num FROM alembic_version"))
    except ProgrammingError:
        return None
    return str(version) if version else None
