"""Faults: children, workers, Valkey and PostgreSQL are killed, stopped and restarted; nothing acknowledged is lost."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Iterator

import pytest
from redis.asyncio import Redis

from llmlora.contracts.events import Checkpoint, JobEvent, MetricBatch, StateChange
from llmlora.contracts.states import JobState
from llmlora.engine.embedded import postgres, valkey
from llmlora.engine.embedded.services import ServiceUrls, start_services, stop_services
from llmlora.engine.jobs.hints import HintHub, publish_head
from llmlora.engine.jobs.poke import receive_pokes, send_poke
from llmlora.kit.db import Database
from llmlora.kit.redis import answers_ping
from llmlora.kit.settings import Settings

from tests.fakes.trainer import RUN_EPOCH
from tests.fakes.work import (
    HEAVY,
    assert_gapless,
    events_of,
    execute,
    job_of,
    lapse,
    make_job,
    starts_in,
    until,
    until_event,
    until_over,
)
from tests.fakes.workers import (
    Testbed,
    child_of,
    grandchild_of,
    lives,
    open_gate,
    until_gone,
    worker_process,
    working,
)

pytestmark = [pytest.mark.anyio, pytest.mark.slow]

RESUMABLE = {"steps": 8, "checkpoint_every": 2, "gates": {"6": "go"}}


@pytest.fixture(scope="module")
def own_settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return Settings(data_dir=tmp_path_factory.mktemp("own"))


@pytest.fixture(scope="module")
def own_urls(own_settings: Settings) -> Iterator[ServiceUrls]:
    """PostgreSQL and Valkey that may be killed."""
    yield asyncio.run(start_services(own_settings))
    stop_services(own_settings)


@pytest.fixture
async def queue(own_urls: ServiceUrls) -> AsyncIterator[Redis]:
    client: Redis = Redis.from_url(own_urls.redis_url)
    yield client
    await client.aclose()


async def kill_valkey(settings: Settings) -> None:
    server = valkey.running(settings.data_dir / "valkey")
    assert server is not None
    os.kill(server.pid, signal.SIGKILL)
    await until_gone(server.pid)


async def restart_valkey(settings: Settings, urls: ServiceUrls) -> None:
    assert await valkey.start(settings.data_dir / "valkey") == urls.redis_url


def points(events: list[JobEvent]) -> list[tuple[int, int]]:
    """(step, epoch) of the metrics, in order."""
    return [
        (event.body.step, int(event.body.values[RUN_EPOCH]))
        for event in events
        if isinstance(event.body, MetricBatch) and RUN_EPOCH in event.body.values
    ]


def reasons(events: list[JobEvent]) -> list[str]:
    return [e.body.reason for e in events if isinstance(e.body, StateChange) and e.body.reason]


async def until_step(testbed: Testbed, job_id: str, step: int) -> None:
    """The metrics of a step are stored."""

    async def look() -> int:
        return max((at for at, _ in points(await events_of(testbed.database, job_id))), default=0)

    await until(look, lambda seen: seen >= step)


class TestKilledChild:
    async def test_goes_on_from_the_last_checkpoint(self, testbed: Testbed) -> None:
        job_id = await make_job(testbed.database, {**RESUMABLE, "grandchild": True}, recipe=HEAVY)
        async with working(testbed):
            await until_step(testbed, job_id, 5)
            family = await child_of(testbed, job_id), await grandchild_of(testbed, job_id)
            os.kill(family[0], signal.SIGKILL)
            await until_gone(*family)
            open_gate(testbed, "go")
            (job,) = await until_over(testbed.database, job_id)
        assert (job.state, job.epoch, job.attempt) == (JobState.COMPLETED, 2, 1)
        events = await events_of(testbed.database, job_id)
        assert_gapless(events)
        assert points(events) == [*((n, 1) for n in (1, 2, 3, 4, 5)), *((n, 2) for n in (5, 6, 7, 8))]
        assert reasons(events) == ["child_died"]

    async def test_broken_checkpoint_is_passed_over(self, testbed: Testbed) -> None:
        job_id = await make_job(testbed.database, RESUMABLE, recipe=HEAVY)
        async with working(testbed):
            await until_step(testbed, job_id, 5)
            found = await until_event(testbed.database, job_id, "checkpoint", count=2)
            newest = found[-1].body
            assert isinstance(newest, Checkpoint)
            (testbed.data_dir / newest.path / "state.json").write_text("torn")
            os.kill(await child_of(testbed, job_id), signal.SIGKILL)
            open_gate(testbed, "go")
            (job,) = await until_over(testbed.database, job_id)
        assert job.state == JobState.COMPLETED
        assert points(await events_of(testbed.database, job_id))[5:][0] == (3, 2)


class TestKilledWorker:
    async def test_second_worker_takes_over_and_no_process_is_left(self, testbed: Testbed) -> None:
        job_id = await make_job(testbed.database, {**RESUMABLE, "grandchild": True}, recipe=HEAVY)
        with worker_process(testbed) as first:
            await until_step(testbed, job_id, 5)
            family = await child_of(testbed, job_id), await grandchild_of(testbed, job_id)
            first.kill()
            first.wait()
            with worker_process(testbed):
                open_gate(testbed, "go")
                (job,) = await until_over(testbed.database, job_id)
                await until_gone(*family)
        assert (job.state, job.epoch, job.attempt) == (JobState.COMPLETED, 2, 1)
        events = await events_of(testbed.database, job_id)
        assert_gapless(events)
        assert reasons(events) == ["worker_died"]
        assert points(events) == [*((n, 1) for n in (1, 2, 3, 4, 5)), *((n, 2) for n in (5, 6, 7, 8))]


class TestStoppedWorker:
    async def test_worker_that_comes_back_after_its_lease_writes_nothing(self, testbed: Testbed) -> None:
        """SIGSTOP, not a kill: as a laptop that sleeps. Its child goes on, and must not be heard."""
        script = {"steps": 400, "pause_s": 0.05, "checkpoint_every": 50}
        job_id = await make_job(testbed.database, script, recipe=HEAVY)
        with worker_process(testbed) as first:
            await until_step(testbed, job_id, 3)
            child = await child_of(testbed, job_id)
            first.send_signal(signal.SIGSTOP)
            await lapse(testbed.database, job_id)
            with worker_process(testbed):
                await until(lambda: job_of(testbed.database, job_id), lambda job: job.epoch == 2)
                await until_event(testbed.database, job_id, "metrics", count=10)
                assert lives(child)
                first.send_signal(signal.SIGCONT)
                await until_gone(child)
                await execute(testbed.database, "UPDATE job SET desired = 'cancel' WHERE id = :id", id=job_id)
                (job,) = await until_over(testbed.database, job_id)
        assert (job.state, job.epoch) == (JobState.CANCELLED, 2)
        events = await events_of(testbed.database, job_id)
        assert_gapless(events)
        assert reasons(events) == ["lease_lapsed"]
        taken = next(e.seq for e in events if isinstance(e.body, StateChange) and e.body.reason)
        assert {event.epoch for event in events if event.seq > taken} == {2}
        assert starts_in(testbed.data_dir) == [(job_id, 1), (job_id, 2)]


class TestKilledValkey:
    async def test_jobs_start_and_are_cancelled_without_it(
        self, testbed: Testbed, own_settings: Settings, own_urls: ServiceUrls
    ) -> None:
        async with working(testbed):
            await kill_valkey(own_settings)
            first = await make_job(testbed.database, {"steps": 2})
            await until_over(testbed.database, first)
            second = await make_job(testbed.database, {"gates": {"1": "never"}})
            await child_of(testbed, second)
            await execute(testbed.database, "UPDATE job SET desired = 'cancel' WHERE id = :id", id=second)
            (job,) = await until_over(testbed.database, second)
            assert job.state == JobState.CANCELLED
        await restart_valkey(own_settings, own_urls)

    async def test_pokes_and_hints_come_back(
        self, own_settings: Settings, own_urls: ServiceUrls, queue: Redis
    ) -> None:
        poked: list[str] = []
        hub = HintHub(queue)
        listening = [
            asyncio.create_task(receive_pokes(own_urls.redis_url, poked.append)),
            asyncio.create_task(hub.listen()),
        ]

        async def heard(name: str) -> bool:
            """Sent again and again, as by a busy platform, until both have come."""
            await asyncio.gather(send_poke(queue, name), publish_head(queue, name))
            return name in poked and hint.is_set()

        with hub.watching("before") as hint:
            await until(lambda: heard("before"))
        await kill_valkey(own_settings)
        await asyncio.gather(send_poke(queue, "away"), publish_head(queue, "away"))  # no error
        await asyncio.sleep(1.5)
        await restart_valkey(own_settings, own_urls)
        await until(lambda: answers_ping(own_urls.redis_url))
        with hub.watching("after") as hint:
            await until(lambda: heard("after"))
        for task in listening:
            task.cancel()
        await asyncio.gather(*listening, return_exceptions=True)


class TestRestartedPostgres:
    @pytest.mark.parametrize("how", ["stopped", "killed"])
    async def test_running_job_goes_on_and_loses_nothing(
        self, testbed: Testbed, own_settings: Settings, own_urls: ServiceUrls, how: str
    ) -> None:
        directory = own_settings.data_dir / "postgres"
        script = {"steps": 60, "pause_s": 0.05, "gates": {"60": "go"}}
        job_id = await make_job(testbed.database, script, recipe=HEAVY)
        async with working(testbed):
            await until_step(testbed, job_id, 5)
            child = await child_of(testbed, job_id)
            before = await events_of(testbed.database, job_id)
            server = postgres.running(directory)
            assert server is not None
            if how == "killed":
                os.kill(server.pid, signal.SIGKILL)
            else:
                await asyncio.to_thread(postgres.stop, directory)
            await asyncio.sleep(1.0)
            assert await asyncio.to_thread(postgres.start, directory) == own_urls.database_url
            fresh = Database(own_urls.database_url)
            await until_step(Testbed(fresh, own_urls, testbed.data_dir), job_id, 59)
            assert lives(child)
            open_gate(testbed, "go")
            (job,) = await until_over(fresh, job_id)
            events = await events_of(fresh, job_id)
            await fresh.close()
        assert (job.state, job.epoch, job.attempt) == (JobState.COMPLETED, 1, 0)
        assert_gapless(events)
        assert events[: len(before)] == before
        assert points(events) == [(step, 1) for step in range(1, 61)]
