"""The queue: who gets which job, who may still write, what is settled when one ends."""

import asyncio

import pytest
from sqlalchemy import text

from llmlora.contracts.events import Failure, FailureClass, LogBatch, MetricBatch, Progress, StateChange
from llmlora.contracts.states import JobState
from llmlora.engine.jobs.capacity import Slots
from llmlora.engine.jobs.event_store import Fact
from llmlora.engine.jobs.queue import (
    MAX_ATTEMPTS,
    FencedError,
    claim_next_job,
    finish_job,
    heartbeat,
    lock_owned,
    requeue_job,
    store_facts,
    sweep_dead_worker,
    sweep_lapsed,
)
from llmlora.features.jobs.service import cancel_job
from llmlora.kit.clock import utc_now
from llmlora.kit.db import Database
from llmlora.tables.job import JobRow

from tests.fakes.work import (
    ROOMY,
    assert_gapless,
    claim,
    events_of,
    execute,
    job_of,
    lapse,
    make_job,
    running_job,
    states_of,
)

pytestmark = pytest.mark.anyio

BROKEN = Failure(failure_class=FailureClass.INFRASTRUCTURE, code="child_died", ja="x", en="x")


async def finish(jobs: Database, job: JobRow, state: JobState = JobState.COMPLETED) -> list[str]:
    async with jobs.unit_of_work() as session:
        return await finish_job(session, await lock_owned(session, job.id, job.epoch), state)


async def store(jobs: Database, job: JobRow, *src_seqs: int) -> None:
    facts = [Fact(utc_now(), LogBatch(level="info", message=str(n)), n) for n in src_seqs]
    async with jobs.unit_of_work() as session:
        await store_facts(session, job.id, job.epoch, facts)


class TestClaim:
    async def test_second_worker_gets_none(self, jobs: Database) -> None:
        job = await running_job(jobs)
        assert (job.state, job.epoch, job.worker_id) == (JobState.RUNNING, 1, "wk_a")
        assert await claim(jobs, "wk_b") is None

    async def test_run_that_begins_anew_is_not_where_the_last_one_was(self, jobs: Database) -> None:
        job = await running_job(jobs)
        far = Progress(stage="train", done=40, total=60, unit="steps")
        async with jobs.unit_of_work() as session:
            await store_facts(session, job.id, job.epoch, [Fact(utc_now(), far, 1)])
            await requeue_job(session, await lock_owned(session, job.id, job.epoch), reason="worker_stopped")
        waiting = await job_of(jobs, job.id)
        assert waiting.progress is not None
        assert waiting.progress["done"] == 40
        again = await claim(jobs)
        assert again is not None
        assert (again.id, again.epoch, again.progress) == (job.id, 2, None)

    async def test_many_at_once_share_the_jobs_without_overlap(self, jobs: Database) -> None:
        wanted = {await make_job(jobs) for _ in range(10)}
        claims = [claim(jobs, f"wk_{n}") for n in range(15)]
        found = [job for job in await asyncio.gather(*claims) if job is not None]
        # One that looks while another holds the only lock it wants leaves it; what is left is there to take.
        while (job := await claim(jobs)) is not None:
            found.append(job)
        assert sorted(job.id for job in found) == sorted(wanted)
        assert {job.epoch for job in found} == {1}

    async def test_urgent_ones_first_then_the_oldest(self, jobs: Database) -> None:
        order = [await make_job(jobs, priority=p) for p in (0, 5, -3, 5, 0)]
        claimed = [(await claim(jobs)) for _ in order]
        assert [job.id for job in claimed if job] == [order[n] for n in (1, 3, 0, 4, 2)]

    async def test_job_that_has_to_wait_is_left(self, jobs: Database) -> None:
        job = await running_job(jobs)
        async with jobs.unit_of_work() as session:
            owned = await lock_owned(session, job.id, job.epoch)
            await requeue_job(session, owned, reason="child_died", failure=BROKEN)
        assert await claim(jobs) is None
        await execute(jobs, "UPDATE job SET next_run_at = now()")
        again = await claim(jobs)
        assert again is not None
        assert (again.epoch, again.attempt, again.src_head) == (2, 1, 0)

    async def test_job_of_a_recipe_that_is_not_here_is_left_to_a_worker_that_has_it(
        self, jobs: Database
    ) -> None:
        strange = await make_job(jobs, recipe="recipe_of_another_machine")
        known = await make_job(jobs)
        taken = await claim(jobs)
        assert taken is not None
        assert taken.id == known
        assert await claim(jobs) is None
        assert (await job_of(jobs, strange)).state == JobState.QUEUED

    async def test_only_the_named_ones_are_taken(self, jobs: Database) -> None:
        first, second = await make_job(jobs), await make_job(jobs)
        async with jobs.unit_of_work() as session:
            job = await claim_next_job(session, "wk_a", Slots(ROOMY).free(), only=frozenset({second}))
        assert job is not None
        assert job.id == second
        assert (await job_of(jobs, first)).state == JobState.QUEUED


class TestFence:
    async def test_only_the_newest_epoch_writes(self, jobs: Database) -> None:
        old = await running_job(jobs)
        async with jobs.unit_of_work() as session:
            await requeue_job(session, await lock_owned(session, old.id, old.epoch), reason="x")
        new = await claim(jobs, "wk_b")
        assert new is not None
        for write in (store(jobs, old, 1), finish(jobs, old), self.beat(jobs, old)):
            with pytest.raises(FencedError):
                await write
        await store(jobs, new, 1)
        assert [e.epoch for e in await events_of(jobs, new.id) if e.body.type == "log"] == [2]

    async def test_ended_job_takes_no_more_facts(self, jobs: Database) -> None:
        job = await running_job(jobs)
        await finish(jobs, job)
        for write in (store(jobs, job, 1), finish(jobs, job), self.beat(jobs, job)):
            with pytest.raises(FencedError):
                await write

    async def test_lapsed_lease_that_nobody_took_is_renewed(self, jobs: Database) -> None:
        job = await running_job(jobs)
        await lapse(jobs, job.id)
        await self.beat(jobs, job)
        async with jobs.unit_of_work() as session:
            assert await sweep_lapsed(session) == []

    async def beat(self, jobs: Database, job: JobRow) -> None:
        async with jobs.unit_of_work() as session:
            await heartbeat(session, job.id, job.epoch)


class TestFacts:
    async def test_batch_sent_twice_is_stored_once(self, jobs: Database) -> None:
        job = await running_job(jobs)
        await store(jobs, job, 1, 2, 3)
        await store(jobs, job, 1, 2, 3)
        await store(jobs, job, 2, 3, 4)
        events = await events_of(jobs, job.id)
        assert_gapless(events)
        assert [e.body.message for e in events if isinstance(e.body, LogBatch)] == ["1", "2", "3", "4"]

    async def test_later_epoch_overwrites_the_points_it_repeats(self, jobs: Database) -> None:
        job = await running_job(jobs)
        fact = Fact(utc_now(), MetricBatch(step=7, values={"loss": 2.0}), 1)
        async with jobs.unit_of_work() as session:
            await store_facts(session, job.id, 1, [fact])
            await requeue_job(session, await lock_owned(session, job.id, 1), reason="x")
        assert await claim(jobs) is not None
        better = Fact(utc_now(), MetricBatch(step=7, values={"loss": 1.0}), 1)
        async with jobs.unit_of_work() as session:
            await store_facts(session, job.id, 2, [better])
        async with jobs.unit_of_work() as session:
            points = (await session.execute(text("SELECT step, epoch, value FROM metric_point"))).all()
        assert [tuple(point) for point in points] == [(7, 2, 1.0)]
        assert (await job_of(jobs, job.id)).latest_metrics == {"loss": {"step": 7, "value": 1.0}}

    async def test_text_that_postgresql_cannot_hold_is_stored_all_the_same(self, jobs: Database) -> None:
        job = await running_job(jobs)
        async with jobs.unit_of_work() as session:
            facts = [Fact(utc_now(), LogBatch(level="error", message="a\x00b \\u0000"), 1)]
            await store_facts(session, job.id, job.epoch, facts)
            failure = BROKEN.model_copy(update={"en": "last output: \x00\x01"})
            owned = await lock_owned(session, job.id, job.epoch)
            await finish_job(session, owned, JobState.FAILED, failure=failure)
        log, state = (await events_of(jobs, job.id))[-2:]
        assert isinstance(log.body, LogBatch)
        assert log.body.message == "a\ufffdb \\u0000"
        assert isinstance(state.body, StateChange)
        assert state.body.failure is not None
        assert state.body.failure.en == "last output: \ufffd\x01"


class TestSweep:
    async def test_lost_job_is_tried_again_and_fails_in_the_end(self, jobs: Database) -> None:
        job_id = await make_job(jobs)
        for attempt in range(MAX_ATTEMPTS + 1):
            await execute(jobs, "UPDATE job SET next_run_at = now()")
            job = await claim(jobs)
            assert job is not None
            assert (job.attempt, job.epoch) == (attempt, attempt + 1)
            await lapse(jobs, job_id)
            async with jobs.unit_of_work() as session:
                assert await sweep_lapsed(session) == [job_id]
        ended = await job_of(jobs, job_id)
        assert (ended.state, ended.failure and ended.failure["code"]) == (JobState.FAILED, "lease_lapsed")
        assert_gapless(await events_of(jobs, job_id))

    async def test_lost_job_that_was_to_stop_is_cancelled(self, jobs: Database) -> None:
        job = await running_job(jobs)
        async with jobs.unit_of_work() as session:
            await cancel_job(session, job.id, keep_checkpoint=True)
        await lapse(jobs, job.id)
        async with jobs.unit_of_work() as session:
            await sweep_lapsed(session)
        assert (await job_of(jobs, job.id)).state == JobState.CANCELLED

    async def test_jobs_of_a_dead_worker_do_not_wait_for_the_lease(self, jobs: Database) -> None:
        mine = await running_job(jobs)
        other_id = await make_job(jobs)
        await claim(jobs, "wk_b")
        async with jobs.unit_of_work() as session:
            assert await sweep_dead_worker(session, "wk_b") == [other_id]
        assert (await job_of(jobs, mine.id)).state == JobState.RUNNING

    async def test_two_sweepers_count_one_attempt(self, jobs: Database) -> None:
        job = await running_job(jobs)
        await lapse(jobs, job.id)

        async def sweep() -> list[str]:
            async with jobs.unit_of_work() as session:
                return await sweep_lapsed(session)

        swept = await asyncio.gather(*(sweep() for _ in range(4)))
        assert [job_id for one in swept for job_id in one] == [job.id]
        assert (await job_of(jobs, job.id)).attempt == 1


class TestDependents:
    async def test_last_dependency_lets_them_go(self, jobs: Database) -> None:
        first, second = await running_job(jobs), await running_job(jobs)
        waiting = await make_job(jobs, after=[first.id, second.id])
        assert await finish(jobs, first) == [first.id]
        assert (await job_of(jobs, waiting)).state == JobState.PENDING
        assert await finish(jobs, second) == [second.id, waiting]
        assert await states_of(jobs, waiting) == ["pending", "queued"]

    async def test_two_that_complete_at_once_let_it_go_once(self, jobs: Database) -> None:
        for _ in range(10):
            both = await running_job(jobs), await running_job(jobs)
            waiting = await make_job(jobs, after=[job.id for job in both])
            await asyncio.gather(*(finish(jobs, job) for job in both))
            assert await states_of(jobs, waiting) == ["pending", "queued"]
            assert await claim(jobs) is not None

    @pytest.mark.parametrize("end", [JobState.FAILED, JobState.CANCELLED])
    async def test_chain_whose_last_link_waits_for_all_is_cancelled(
        self, jobs: Database, end: JobState
    ) -> None:
        """As a training, its export, and a deployment that needs both."""
        training = await running_job(jobs)
        export = await make_job(jobs, after=[training.id])
        deploy = await make_job(jobs, after=[training.id, export])
        changed = await finish(jobs, training, end)
        assert sorted(changed) == sorted([training.id, export, deploy])
        for job_id in (export, deploy):
            assert await states_of(jobs, job_id) == ["pending", "cancelled"]
            assert_gapless(await events_of(jobs, job_id))

    async def test_job_born_while_its_dependency_ends_is_settled(self, jobs: Database) -> None:
        for _ in range(20):
            job = await running_job(jobs)
            _, waiting = await asyncio.gather(finish(jobs, job), make_job(jobs, after=[job.id]))
            assert (await job_of(jobs, waiting)).state == JobState.QUEUED
            assert await claim(jobs) is not None
