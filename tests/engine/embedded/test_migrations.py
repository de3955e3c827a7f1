"""Migrations: once, however many begin together, and never backwards."""

import asyncio

import pytest
from sqlalchemy import text

from llmlora.engine.embedded.errors import (
    DatabaseNewerError,
)
from llmlora.engine.embedded.migrate import known_revisions, migrate, migration_config, upgrade
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

    @pytest.mark.anyio
    async def test_what_a_gpu_needed_was_booked_as_the_machines_memory_until_0008(
        self, own_urls: ServiceUrls
    ) -> None:
        database = Database(own_urls.database_url)
        async with database.engine.begin() as connection:
            await connection.execute(text("DROP SCHEMA public CASCADE"))
            await connection.execute(text("CREATE SCHEMA public"))
            await connection.run_sync(upgrade, "0007")
            for device in ("cpu", "cuda", None):
                await connection.execute(_OLD_JOB, {"id": f"job_{device}", "device": device})
            await connection.run_sync(upgrade, "0008")
            kept = await connection.execute(text("SELECT id, memory_bytes, device_memory_bytes FROM job"))
            assert {row.id: (row.memory_bytes, row.device_memory_bytes) for row in kept} == {
                "job_cpu": (7, 0),
                "job_cuda": (0, 7),
                "job_None": (7, 0),
            }
            await connection.run_sync(upgrade)
        await database.close()


_OLD_JOB = text(
    """
    INSERT INTO job (id, name, recipe, state, desired, keep_checkpoint, config, inputs, device, cpus, wants_gpu, memory_bytes,
        priority, attempt, epoch, head_seq, src_head, latest_metrics, reports, facts, created_at, next_run_at, forecast)
    SELECT :id, 'old', 'r', 'queued', 'run', true, '{}', '{}', 'auto', 0, true, 7, 0, 0, 0, 0, 0, '{}', '{}', '{}', now(), now(),
        jsonb_build_object('memory', jsonb_build_object('device', CAST(:device AS text)))
    """
)
