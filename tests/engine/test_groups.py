"""Groups go with their last job, whoever deletes it, and not before."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlmodel import select

from llmlora.contracts.states import GroupKind, JobState
from llmlora.engine.embedded.services import ServiceUrls
from llmlora.features.jobs.repository import keep_job
from llmlora.kit.clock import utc_now
from llmlora.kit.db import Database
from llmlora.kit.ids import new_id
from llmlora.tables.job import JobRow
from llmlora.tables.job_group import JobGroupRow

from tests.fakes.work import execute, job_of, make_job

pytestmark = pytest.mark.anyio


@pytest.fixture
async def jobs(own_urls: ServiceUrls) -> AsyncIterator[Database]:
    database = Database(own_urls.database_url)
    yield database
    await execute(database, "UPDATE job SET state = 'cancelled' WHERE state IN ('pending', 'queued')")
    await execute(database, "DELETE FROM job")
    await execute(database, "DELETE FROM job_group")
    await database.close()


async def groups(database: Database) -> dict[str, JobGroupRow]:
    async with database.unit_of_work() as session:
        return {one.id: one for one in (await session.scalars(select(JobGroupRow))).all()}


async def group(database: Database, kind: str = GroupKind.SWEEP, parent_id: str | None = None) -> str:
    id_ = new_id("grp")
    async with database.unit_of_work() as session:
        session.add(JobGroupRow(id=id_, kind=kind, name="学習率", parent_id=parent_id, created_at=utc_now()))
    return id_


async def over(database: Database, **columns: str) -> str:
    job_id = await make_job(database, **columns)
    await execute(database, "UPDATE job SET state = 'cancelled' WHERE id = :id", id=job_id)
    return job_id


async def delete(database: Database, job_id: str) -> None:
    await execute(database, "DELETE FROM job WHERE id = :id", id=job_id)


class TestGroup:
    async def test_job_that_brings_none_begins_a_chain_of_its_name(self, jobs: Database) -> None:
        job = await job_of(jobs, await make_job(jobs))
        begun = (await groups(jobs))[job.group_id]
        assert (begun.kind, begun.name, begun.created_at) == ("chain", job.name, job.created_at)

    async def test_goes_with_its_last_job(self, jobs: Database) -> None:
        first = await over(jobs)
        group_id = (await job_of(jobs, first)).group_id
        second = await over(jobs, group_id=group_id)
        await delete(jobs, first)
        assert list(await groups(jobs)) == [group_id]
        await delete(jobs, second)
        assert await groups(jobs) == {}

    async def test_goes_where_many_jobs_are_deleted_at_once(self, jobs: Database) -> None:
        group_id = await group(jobs)
        for _ in range(3):
            await over(jobs, group_id=group_id)
        await execute(jobs, "DELETE FROM job WHERE group_id = :id", id=group_id)
        assert await groups(jobs) == {}

    async def test_that_holds_others_goes_with_the_last_of_them(self, jobs: Database) -> None:
        sweep = await group(jobs)
        trials = [await group(jobs, GroupKind.CHAIN, sweep) for _ in range(2)]
        first, second = [await over(jobs, group_id=trial) for trial in trials]
        await delete(jobs, first)
        assert set(await groups(jobs)) == {sweep, trials[1]}
        await delete(jobs, second)
        assert await groups(jobs) == {}

    @pytest.mark.parametrize("kind", [*GroupKind])
    async def test_may_be_of_every_kind_there_is(self, jobs: Database, kind: GroupKind) -> None:
        made = await group(jobs, kind)
        assert (await groups(jobs))[made].kind == kind

    async def test_of_another_kind_is_refused(self, jobs: Database) -> None:
        with pytest.raises(IntegrityError, match="job_group_kind_check"):
            await group(jobs, "heap")

    @pytest.mark.parametrize("group_id", ["grp_of_nobody", None])
    async def test_no_job_is_without_one(self, jobs: Database, group_id: str | None) -> None:
        now = utc_now()
        job = JobRow(
            id=new_id("job"), name="x", recipe="r", state=JobState.QUEUED, config={}, inputs={},
            next_run_at=now, created_at=now, group_id=group_id or "",
        )  # fmt: skip
        with pytest.raises(IntegrityError, match="job_group_id_fkey"):
            async with jobs.unit_of_work() as session:
                session.add(job)

    async def test_joined_while_its_last_job_goes_stays(self, jobs: Database) -> None:
        leaving = await over(jobs)
        group_id = (await job_of(jobs, leaving)).group_id
        now = utc_now()
        joining = JobRow(
            id=new_id("job"), name="x", recipe="r", state=JobState.QUEUED, config={}, inputs={},
            next_run_at=now, created_at=now, group_id=group_id,
        )  # fmt: skip
        async with jobs.unit_of_work() as session:
            await keep_job(session, joining, ())
            going = asyncio.create_task(delete(jobs, leaving))
            await until_waiting(jobs)
        await going
        assert list(await groups(jobs)) == [group_id]
        assert (await job_of(jobs, joining.id)).group_id == group_id


async def until_waiting(database: Database) -> None:
    """Until a transaction on this database waits for another's lock."""
    waiting = text(
        "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
    )
    async with asyncio.timeout(60):
        while True:
            async with database.unit_of_work() as session:
                if await session.scalar(waiting):
                    return
            await asyncio.sleep(0.02)
