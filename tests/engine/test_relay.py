"""The relay and its readers: every event once and in order, wherever either of them is cut."""

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import suppress

import pytest
from redis.asyncio import Redis

from llmlora.contracts.events import Event, JobEvent, LogBatch, MetricBatch
from llmlora.contracts.states import JobState
from llmlora.engine.jobs.capacity import Slots
from llmlora.engine.jobs.hints import HintHub, publish_head
from llmlora.engine.jobs.queue import (
    FencedError,
    Heartbeat,
    claim_next_job,
    finish_job,
    lock_owned,
    requeue_job,
    sweep_lapsed,
)
from llmlora.engine.jobs.relay import BATCH_POINTS, Relay, RelayHooks
from llmlora.features.jobs.errors import JobNotFoundError
from llmlora.features.jobs.following import Batch, follow_job
from llmlora.kit.clock import utc_now
from llmlora.kit.db import Database
from llmlora.tables.job import JobRow

from tests.fakes.work import (
    assert_gapless,
    capacity_of,
    events_of,
    lapse,
    make_job,
    until,
    until_over,
)
from tests.fakes.workers import Testbed, run_dir, working

pytestmark = pytest.mark.anyio

EVENTS, CUTS = 2000, 100


@pytest.fixture
async def hub(testbed: Testbed) -> AsyncIterator[HintHub]:
    """The subscription of a process that serves readers."""
    redis: Redis = Redis.from_url(testbed.urls.redis_url)
    opened = HintHub(redis)
    listening = asyncio.create_task(opened.listen())
    yield opened
    listening.cancel()
    with suppress(asyncio.CancelledError):
        await listening
    await redis.aclose()


class Spool:
    """A claimed job whose child's events a test writes itself."""

    def __init__(self, testbed: Testbed, job: JobRow) -> None:
        self.testbed, self.job = testbed, job
        self.directory = run_dir(testbed, job.id, job.epoch)
        self.directory.mkdir(parents=True)
        self.path = self.directory / "events.jsonl"
        self.written = 0
        self.heard: list[Heartbeat] = []

    def write(self, count: int, *, cut: int = 0) -> None:
        """Append events; without the last `cut` bytes."""
        lines = b""
        for _ in range(count):
            self.written += 1
            body = MetricBatch(step=self.written, values={"loss": 1 / self.written})
            event = Event(src_seq=self.written, at=utc_now(), body=body)
            lines += event.model_dump_json().encode() + b"\n"
        with self.path.open("ab") as stream:
            stream.write(lines[: len(lines) - cut])

    def relay(self) -> Relay:
        """A relay that knows nothing of what was stored before."""
        hooks = RelayHooks(on_heard=self.hear, run=lambda: None)
        return Relay(
            self.testbed.database, self.job.id, self.job.epoch, self.directory, self.testbed.data_dir, hooks
        )

    async def hear(self, heard: Heartbeat) -> None:
        self.heard.append(heard)

    async def stored(self) -> list[int]:
        """Steps of the stored metrics, in order."""
        events = await events_of(self.testbed.database, self.job.id)
        assert_gapless(events)
        return [event.body.step for event in events if isinstance(event.body, MetricBatch)]


async def claimed(database: Database) -> JobRow:
    async with database.unit_of_work() as session:
        job = await claim_next_job(session, "wk_a", Slots(capacity_of(4)).free())
    assert job is not None
    return job


async def spool_of(testbed: Testbed) -> Spool:
    await make_job(testbed.database)
    return Spool(testbed, await claimed(testbed.database))


class TestRelay:
    async def test_batch_whose_acknowledgement_was_lost_is_stored_once(self, testbed: Testbed) -> None:
        spool = await spool_of(testbed)
        spool.write(30)
        await spool.relay().drain()
        spool.write(BATCH_POINTS + 20)  # the second relay begins with the first one's batch again
        await spool.relay().drain()
        await spool.relay().drain()
        assert await spool.stored() == list(range(1, BATCH_POINTS + 51))

    @pytest.mark.slow
    async def test_relay_cut_anywhere_leaves_neither_gap_nor_double(self, testbed: Testbed) -> None:
        spool, dice = await spool_of(testbed), random.Random(7)
        for _ in range(40):
            spool.write(dice.randint(1, 60))
            relaying = asyncio.create_task(spool.relay().drain())
            await asyncio.sleep(dice.random() * 0.03)
            relaying.cancel()
            with suppress(asyncio.CancelledError):
                await relaying
        await spool.relay().drain()
        assert await spool.stored() == list(range(1, spool.written + 1))

    async def test_line_that_is_still_being_written_waits(self, testbed: Testbed) -> None:
        spool = await spool_of(testbed)
        relay = spool.relay()
        spool.write(3, cut=10)
        await relay.drain()
        assert await spool.stored() == [1, 2]
        whole = Event(src_seq=4, at=utc_now(), body=LogBatch(level="info", message="x"))
        torn = spool.path.read_bytes().rpartition(b"\n")[0] + b"\n"
        spool.path.write_bytes(torn + whole.model_dump_json().encode() + b"\n")
        await relay.drain()
        assert (await events_of(testbed.database, spool.job.id))[-1].body.type == "log"

    async def test_wish_to_cancel_is_heard_with_the_next_batch(self, testbed: Testbed) -> None:
        spool = await spool_of(testbed)
        async with testbed.database.unit_of_work() as session:
            job = await lock_owned(session, spool.job.id, 1)
            job.desired, job.keep_checkpoint = "cancel", False
        spool.write(1)
        await spool.relay().drain()
        assert [(heard.cancel, heard.keep_checkpoint) for heard in spool.heard] == [(True, False)] * 2

    async def test_silent_child_keeps_its_lease(self, testbed: Testbed) -> None:
        spool = await spool_of(testbed)
        await lapse(testbed.database, spool.job.id)
        await spool.relay().drain()
        async with testbed.database.unit_of_work() as session:
            assert await sweep_lapsed(session) == []

    @pytest.mark.parametrize("turns", range(4))
    async def test_news_as_it_is_ended_does_not_keep_it_alive(self, testbed: Testbed, turns: int) -> None:
        spool = await spool_of(testbed)
        relay = spool.relay()
        relaying = asyncio.create_task(relay.run())
        await until(lambda: asyncio.sleep(0, spool.heard))
        await asyncio.sleep(0.05)  # it has heard, and waits for news
        relay.wake()
        for _ in range(turns):
            await asyncio.sleep(0)
        relaying.cancel()
        ended, _ = await asyncio.wait({relaying}, timeout=5)
        assert ended

    async def test_nothing_is_stored_for_an_epoch_that_was_taken_over(self, testbed: Testbed) -> None:
        spool = await spool_of(testbed)
        spool.write(5)
        async with testbed.database.unit_of_work() as session:
            await requeue_job(session, await lock_owned(session, spool.job.id, 1), reason="x")
        await claimed(testbed.database)
        for _ in range(2):
            with pytest.raises(FencedError):
                await spool.relay().run()
        assert await spool.stored() == []

    async def test_events_of_a_real_child_arrive_in_batches_without_loss(self, testbed: Testbed) -> None:
        job_id = await make_job(testbed.database, {"points": EVENTS, "steps": 0, "orphan_proof": False})
        async with working(testbed):
            (job,) = await until_over(testbed.database, job_id)
        assert job.state == JobState.COMPLETED
        events = await events_of(testbed.database, job_id)
        assert_gapless(events)
        steps = [event.body.step for event in events if isinstance(event.body, MetricBatch)]
        assert steps == list(range(EVENTS))


class TestReaders:
    @pytest.mark.slow
    async def test_reader_cut_a_hundred_times_sees_every_event_once(
        self, testbed: Testbed, hub: HintHub
    ) -> None:
        spool = await spool_of(testbed)
        writing = asyncio.create_task(self.write(spool))
        dice, seen, cuts = random.Random(11), list[JobEvent](), 0
        while not seen or seen[-1].body.type != "state" or len(seen) < EVENTS:
            quota = dice.choice([1, 7, 40]) if cuts < CUTS else EVENTS
            async for batch in self.follow(testbed, hub, spool, seen):
                assert [e.seq for e in batch.events] == list(
                    range(len(seen) + 1, len(seen) + len(batch.events) + 1)
                )
                # A connection breaks in the midst of a batch: what was not read is asked for again.
                read = batch.events[: dice.randint(0, quota)] if cuts < CUTS else batch.events
                seen += read
                if cuts < CUTS:
                    cuts += 1
                    break
        await writing
        assert cuts == CUTS
        assert seen == await events_of(testbed.database, spool.job.id)
        assert len(seen) == EVENTS + 3

    async def test_reader_that_comes_late_gets_all_and_the_end(self, testbed: Testbed, hub: HintHub) -> None:
        job_id = await make_job(testbed.database, {"points": 1200, "steps": 0, "orphan_proof": False})
        async with working(testbed):
            await until_over(testbed.database, job_id)
        batches = [batch async for batch in follow_job(testbed.database, hub, job_id, after=0)]
        assert [batch.over for batch in batches] == [False, False, True]
        events = [event for batch in batches for event in batch.events]
        assert events == await events_of(testbed.database, job_id)

    async def test_reader_without_hints_still_moves(self, testbed: Testbed) -> None:
        redis: Redis = Redis.from_url("redis://127.0.0.1:1/0")
        spool = await spool_of(testbed)
        following = follow_job(testbed.database, HintHub(redis), spool.job.id, after=2)
        next_batch = asyncio.ensure_future(anext(following))
        await asyncio.sleep(0.1)
        spool.write(1)
        await spool.relay().drain()
        assert [event.seq for event in (await asyncio.wait_for(next_batch, 30)).events] == [3]
        await following.aclose()
        await redis.aclose()

    async def test_unknown_job_is_told(self, testbed: Testbed, hub: HintHub) -> None:
        with pytest.raises(JobNotFoundError):
            await anext(follow_job(testbed.database, hub, "job_none", after=0))

    async def test_hints_wake_readers_at_once(self, testbed: Testbed, hub: HintHub) -> None:
        redis: Redis = Redis.from_url(testbed.urls.redis_url)

        async def woken() -> bool:
            await publish_head(redis, "job_a")
            return hint.is_set()

        with hub.watching("job_a") as hint, hub.watching("job_b") as other:
            await until(woken)
            other.clear()
            hint.clear()
            await until(woken)
            assert not other.is_set()
        await redis.aclose()

    async def write(self, spool: Spool) -> None:
        """All events, in uneven portions, each relayed and hinted at; then the end."""
        redis: Redis = Redis.from_url(spool.testbed.urls.redis_url)
        relay, dice = spool.relay(), random.Random(3)
        while spool.written < EVENTS:
            spool.write(min(dice.randint(1, 60), EVENTS - spool.written))
            await relay.drain()
            await publish_head(redis, spool.job.id)
            await asyncio.sleep(dice.random() * 0.05)
        async with spool.testbed.database.unit_of_work() as session:
            job = await lock_owned(session, spool.job.id, 1)
            await finish_job(session, job, JobState.COMPLETED)
        await publish_head(redis, spool.job.id)
        await redis.aclose()

    async def follow(
        self, testbed: Testbed, hub: HintHub, spool: Spool, seen: list[JobEvent]
    ) -> AsyncIterator[Batch]:
        after = seen[-1].seq if seen else 0
        following = follow_job(testbed.database, hub, spool.job.id, after=after)
        try:
            async for batch in following:
                yield batch
        finally:
            await following.aclose()
