"""Migrations: once, however many begin together, and never backwards."""

import asyncio

import pytest
from sqlalchemy import text

from llmlora.engine.embedded.errors import (
    DatabaseNewerError,
)
from llmlora.engine.embedded.migrate import known_revisions, migrate, migration_config
from llmlora.engine.embedded.services import (
    ServiceUrls,
    open_database,
)
from llmlora.kit.db import Database
from llmlora.kit.settings import Settings

from tests.engine.embedded.door import (
    nothing,
    states,
    used,
)


class TestMigrations:
    def test_newest_revision_is_what_alembic_calls_head(self) -> None:
        from alembic.script import ScriptDirectory

        script = ScriptDirectory.from_config(migration_config())
        assert script.get_current_head() == known_revisions()[-1]
        assert sorted(one.revision for one in script.walk_revisions()) == known_revisions()

    def test_concurrent_and_repeated_runs_end_well(self, settings: Settings) -> None:
        async def scenario(urls: ServiceUrls) -> object:
            database = Database(urls.database_url)
            async with database.engine.begin() as connection:
                await connection.execute(text("DROP SCHEMA public CASCADE"))
                await connection.execute(text("CREATE SCHEMA public"))
            await asyncio.gather(*(migrate(database.engine) for _ in range(3)))
            await migrate(database.engine)
            async with database.unit_of_work() as session:
                version = await session.scalar(text("SELECT version_num FROM alembic_version"))
            await database.close()
            return version

        assert used(settings, scenario) == known_revisions()[-1]

    def test_database_of_a_later_version_is_refused(self, settings: Settings) -> None:
        async def make_newer(_urls: ServiceUrls) -> None:
            async with open_database(settings) as database, database.unit_of_work() as session:
                await session.execute(text("UPDATE alembic_version SET version_num = '9999'"))

        used(settings, make_newer)
        with pytest.raises(DatabaseNewerError):
            used(settings, nothing)
        assert states(settings) == [False, False]
