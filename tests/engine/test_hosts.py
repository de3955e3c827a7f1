"""Runs that are no processes of this machine: the engine follows, stops, holds and ends them by their handles alone."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from llmlora.contracts.events import MetricBatch
from llmlora.contracts.states import JobState
from llmlora.engine.jobs.queue import Heartbeat, sweep_lapsed
from llmlora.engine.jobs.relay import Relay, RelayHooks
from llmlora.features.jobs.service import cancel_job
from llmlora.kit.db import Database

from tests.fakes.remote_host import RemoteHost, RemoteRun
from tests.fakes.work import (
    assert_gapless,
    events_of,
    execute,
    job_of,
    make_job,
    running_job,
    until,
    until_over,
)
from tests.fakes.workers import Testbed, run_dir, working

pytestmark = pytest.mark.anyio

ENDLESS = {"steps": 1_000_000, "pause_s": 0.02}


async def first_run(host: RemoteHost) -> RemoteRun:
    async def look() -> list[RemoteRun]:
        return [run for run in host.runs if run.steps_done > 0]

    return (await until(look))[0]


class TestRemoteRun:
    async def test_its_events_are_stored_and_its_job_completes(self, testbed: Testbed) -> None:
        job_id = await make_job(testbed.database, {"steps": 5})
        async with working(testbed, host=RemoteHost()):
            (job,) = await until_over(testbed.database, job_id)
        events = await events_of(testbed.database, job_id)
        assert_gapless(events)
        assert [e.body.step for e in events if isinstance(e.body, MetricBatch)] == [1, 2, 3, 4, 5]
        assert (job.state, job.epoch) == (JobState.COMPLETED, 1)
        assert not (run_dir(testbed, job_id) / "pid").exists()

    async def test_cancelled_job_stops_its_run(self, testbed: Testbed) -> None:
        host = RemoteHost()
        job_id = await make_job(testbed.database, ENDLESS)
        async with working(testbed, host=host) as worker:
            run = await first_run(host)
            async with testbed.database.unit_of_work() as session:
                await cancel_job(session, job_id, keep_checkpoint=True)
            worker.poke()
            (job,) = await until_over(testbed.database, job_id)
        assert (job.state, run.asked, run.is_alive) == (JobState.CANCELLED, ["stop"], False)

    async def test_run_of_a_job_that_somebody_else_owns_is_ended(self, testbed: Testbed) -> None:
        host = RemoteHost()
        job_id = await make_job(testbed.database, ENDLESS)
        async with working(testbed, host=host):
            run = await first_run(host)
            async with (
                testbed.database.unit_of_work() as session
            ):  # at once: a sign of life would come between
                await session.execute(text("UPDATE job SET lease_until = now() - interval '1 second'"))
                assert await sweep_lapsed(session) == [job_id]

            async def is_over() -> bool:
                return not run.is_alive

            await until(is_over)
            assert run.asked[0] == "kill"
            async with testbed.database.unit_of_work() as session:
                await cancel_job(session, job_id, keep_checkpoint=False)
            await until_over(testbed.database, job_id)

    async def test_machine_that_went_away_is_tried_again(self, testbed: Testbed) -> None:
        host = RemoteHost()
        job_id = await make_job(testbed.database, {"steps": 30, "pause_s": 0.02})
        async with working(testbed, host=host) as worker:
            (await first_run(host)).lose()
            await until(lambda: job_of(testbed.database, job_id), lambda job: job.attempt == 1)
            await execute(testbed.database, "UPDATE job SET next_run_at = now()")
            worker.poke()
            (job,) = await until_over(testbed.database, job_id)
        assert (job.state, job.epoch, len(host.runs)) == (JobState.COMPLETED, 2, 2)


class AwayFor(Database):
    """A database that is away for its first transactions."""

    left = 3

    @asynccontextmanager
    async def unit_of_work(self) -> AsyncIterator[AsyncSession]:
        if self.left > 0:
            self.left -= 1
            raise ConnectionRefusedError(111, "the database is away")
        async with super().unit_of_work() as session:
            yield session


async def test_run_is_held_while_the_database_is_away_past_the_lease(testbed: Testbed) -> None:
    job = await running_job(testbed.database)
    run = RemoteRun(1, ENDLESS)

    async def hear(heard: Heartbeat) -> None:
        assert heard.head_seq > 0

    directory = run_dir(testbed, job.id)
    away = AwayFor(testbed.urls.database_url)
    hooks = RelayHooks(on_heard=hear, run=lambda: run)
    relay = Relay(away, job.id, job.epoch, directory, testbed.data_dir, hooks, timedelta(seconds=0.5))
    await relay.drain()
    await away.close()
    assert run.asked == ["hold", "go on"]
    run.kill()
