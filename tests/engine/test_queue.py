"""The queue: what its trigger refuses, who gets which job, what is settled when one ends."""

import asyncio
from collections.abc import Sequence
from itertools import product
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from llmlora.contracts.events import Failure, FailureClass, LogBatch, MetricBatch, StateChange
from llmlora.contracts.states import FINAL_STATES, TRANSITIONS, JobState
from llmlora.engine.capacity import MEMORY_SHARE, Capacity, Grant, Slots
from llmlora.engine.event_store import Fact
from llmlora.engine.queue import (
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
from llmlora.features.jobs.errors import JobOverError
from llmlora.features.jobs.service import cancel_job
from llmlora.kit.clock import utc_now
from llmlora.kit.db import Database
from llmlora.tables.job import JobRow

from tests.fakes.work import (
    GIB,
    HEAVY,
    LIGHT,
    assert_gapless,
    capacity_of,
    events_of,
    execute,
    job_of,
    lapse,
    make_job,
    states_of,
)

pytestmark = pytest.mark.anyio

ROOMY = capacity_of(64)
WAYS_IN: dict[JobState, Sequence[JobState]] = {
    JobState.PENDING: (),
    JobState.QUEUED: (JobState.QUEUED,),
    JobState.RUNNING: (JobState.QUEUED, JobState.RUNNING),
    JobState.COMPLETED: (JobState.QUEUED, JobState.RUNNING, JobState.COMPLETED),
    JobState.FAILED: (JobState.QUEUED, JobState.RUNNING, JobState.FAILED),
    JobState.CANCELLED: (JobState.CANCELLED,),
}
RACES = text(
    "SELECT j.state, j.desired, j.head_seq, count(*) AS count, max(e.seq) AS head,"
    " array_agg(e.body->>'state' ORDER BY e.seq) AS states"
    " FROM job j JOIN event e ON e.job_id = j.id GROUP BY j.id"
)
BROKEN = Failure(failure_class=FailureClass.INFRASTRUCTURE, code="child_died", ja="x", en="x")


async def claim(jobs: Database, worker: str = "wk_a", slots: Slots | None = None) -> JobRow | None:
    """Claim and take the share, as a supervisor does."""
    slots = slots or Slots(ROOMY)
    async with jobs.unit_of_work() as session:
        job = await claim_next_job(session, worker, slots.free())
    if job is not None:
        slots.take(job)
    return job


async def running(jobs: Database, **columns: Any) -> JobRow:
    """A job that was claimed."""
    job_id = await make_job(jobs, **columns)
    job = await claim(jobs)
    assert job is not None
    assert job.id == job_id
    return job


async def finish(jobs: Database, job: JobRow, state: JobState = JobState.COMPLETED) -> list[str]:
    async with jobs.unit_of_work() as session:
        return await finish_job(session, await lock_owned(session, job.id, job.epoch), state)


async def store(jobs: Database, job: JobRow, *src_seqs: int) -> None:
    facts = [Fact(utc_now(), LogBatch(level="info", message=str(n)), n) for n in src_seqs]
    async with jobs.unit_of_work() as session:
        await store_facts(session, job.id, job.epoch, facts)


async def set_state(jobs: Database, job_id: str, state: JobState) -> None:
    step = 1 if state is JobState.RUNNING else 0
    await execute(
        jobs, "UPDATE job SET state = :s, epoch = epoch + :e WHERE id = :id", s=state, e=step, id=job_id
    )


async def brought_to(jobs: Database, state: JobState) -> str:
    """A job led to a state by plain SQL."""
    job_id = await make_job(jobs, {"steps": 1})
    if state is not JobState.QUEUED:
        await execute(jobs, "ALTER TABLE job DISABLE TRIGGER guard_job")
        await execute(jobs, "UPDATE job SET state = 'pending' WHERE id = :id", id=job_id)
        await execute(jobs, "ALTER TABLE job ENABLE TRIGGER guard_job")
    for step in WAYS_IN[state] if state is not JobState.QUEUED else ():
        await set_state(jobs, job_id, step)
    return job_id


class TestTrigger:
    async def test_allows_exactly_the_table_of_transitions(self, jobs: Database) -> None:
        allowed: dict[JobState, set[JobState]] = {state: set() for state in JobState}
        for old, new in product(JobState, JobState):
            job_id = await brought_to(jobs, old)
            try:
                await set_state(jobs, job_id, new)
            except IntegrityError:
                continue
            if new is not old:
                allowed[old].add(new)
        assert allowed == {state: set(TRANSITIONS[state]) for state in JobState}

    @pytest.mark.parametrize("state", sorted(FINAL_STATES))
    @pytest.mark.parametrize(
        "change", ["name = 'x'", "state = state", "head_seq = head_seq + 1", "failure = '{}'", "priority = 9"]
    )
    async def test_final_row_never_changes(self, jobs: Database, state: JobState, change: str) -> None:
        job_id = await brought_to(jobs, state)
        with pytest.raises(IntegrityError, match="is final"):
            await execute(jobs, f"UPDATE job SET {change} WHERE id = :id", id=job_id)

    @pytest.mark.parametrize(
        "change",
        [
            "epoch = epoch - 1",
            "epoch = epoch + 1",
            "head_seq = head_seq - 1",
            "recipe = 'export_gguf2'",
            "config = '{}'",
            "id = 'job_x'",
            "state = 'queued', epoch = epoch + 1",
            "state = 'completed', epoch = epoch + 1",
            "state = 'nonsense'",
        ],
    )
    async def test_running_job_keeps_what_it_is(self, jobs: Database, change: str) -> None:
        job_id = await brought_to(jobs, JobState.RUNNING)
        with pytest.raises(IntegrityError):
            await execute(jobs, f"UPDATE job SET {change} WHERE id = :id", id=job_id)

    @pytest.mark.parametrize("step", [-1, 0, 2])
    async def test_claim_raises_the_epoch_by_one(self, jobs: Database, step: int) -> None:
        job_id = await brought_to(jobs, JobState.QUEUED)
        with pytest.raises(IntegrityError):
            await execute(
                jobs,
                "UPDATE job SET state = 'running', epoch = epoch + :e WHERE id = :id",
                e=step,
                id=job_id,
            )

    @pytest.mark.parametrize("state", list(JobState))
    async def test_only_ended_jobs_are_deleted(self, jobs: Database, state: JobState) -> None:
        job_id = await brought_to(jobs, state)
        if state in FINAL_STATES:
            await execute(jobs, "DELETE FROM job WHERE id = :id", id=job_id)
            assert await events_of(jobs, job_id) == []
        else:
            with pytest.raises(IntegrityError, match="cannot be deleted"):
                await execute(jobs, "DELETE FROM job WHERE id = :id", id=job_id)

    @pytest.mark.parametrize(("state", "epoch"), [*((s, 0) for s in JobState), (JobState.QUEUED, 1)])
    async def test_jobs_are_born_waiting(self, jobs: Database, state: JobState, epoch: int) -> None:
        template = await make_job(jobs)
        copy = (
            "INSERT INTO job SELECT (jsonb_populate_record(j, jsonb_build_object("
            "'id', 'job_copy', 'state', cast(:s AS text), 'epoch', cast(:e AS int)))).* FROM job j WHERE id = :id"
        )
        born = execute(jobs, copy, s=str(state), e=epoch, id=template)
        if epoch == 0 and state in (JobState.PENDING, JobState.QUEUED):
            await born
        else:
            with pytest.raises(IntegrityError, match="born as"):
                await born


class TestClaim:
    async def test_second_worker_gets_none(self, jobs: Database) -> None:
        job = await running(jobs)
        assert (job.state, job.epoch, job.worker_id) == (JobState.RUNNING, 1, "wk_a")
        assert await claim(jobs, "wk_b") is None

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
        job = await running(jobs)
        async with jobs.unit_of_work() as session:
            owned = await lock_owned(session, job.id, job.epoch)
            await requeue_job(session, owned, reason="child_died", failure=BROKEN)
        assert await claim(jobs) is None
        await execute(jobs, "UPDATE job SET next_run_at = now()")
        again = await claim(jobs)
        assert again is not None
        assert (again.epoch, again.attempt, again.src_head) == (2, 1, 0)

    async def test_only_the_named_ones_are_taken(self, jobs: Database) -> None:
        first, second = await make_job(jobs), await make_job(jobs)
        async with jobs.unit_of_work() as session:
            job = await claim_next_job(session, "wk_a", Slots(ROOMY).free(), only=frozenset({second}))
        assert job is not None
        assert job.id == second
        assert (await job_of(jobs, first)).state == JobState.QUEUED


class TestFence:
    async def test_only_the_newest_epoch_writes(self, jobs: Database) -> None:
        old = await running(jobs)
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
        job = await running(jobs)
        await finish(jobs, job)
        for write in (store(jobs, job, 1), finish(jobs, job), self.beat(jobs, job)):
            with pytest.raises(FencedError):
                await write

    async def test_lapsed_lease_that_nobody_took_is_renewed(self, jobs: Database) -> None:
        job = await running(jobs)
        await lapse(jobs, job.id)
        await self.beat(jobs, job)
        async with jobs.unit_of_work() as session:
            assert await sweep_lapsed(session) == []

    async def beat(self, jobs: Database, job: JobRow) -> None:
        async with jobs.unit_of_work() as session:
            await heartbeat(session, job.id, job.epoch)


class TestFacts:
    async def test_batch_sent_twice_is_stored_once(self, jobs: Database) -> None:
        job = await running(jobs)
        await store(jobs, job, 1, 2, 3)
        await store(jobs, job, 1, 2, 3)
        await store(jobs, job, 2, 3, 4)
        events = await events_of(jobs, job.id)
        assert_gapless(events)
        assert [e.body.message for e in events if isinstance(e.body, LogBatch)] == ["1", "2", "3", "4"]

    async def test_later_epoch_overwrites_the_points_it_repeats(self, jobs: Database) -> None:
        job = await running(jobs)
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
        job = await running(jobs)
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
        job = await running(jobs)
        async with jobs.unit_of_work() as session:
            await cancel_job(session, job.id, keep_checkpoint=True)
        await lapse(jobs, job.id)
        async with jobs.unit_of_work() as session:
            await sweep_lapsed(session)
        assert (await job_of(jobs, job.id)).state == JobState.CANCELLED

    async def test_jobs_of_a_dead_worker_do_not_wait_for_the_lease(self, jobs: Database) -> None:
        mine = await running(jobs)
        other_id = await make_job(jobs)
        await claim(jobs, "wk_b")
        async with jobs.unit_of_work() as session:
            assert await sweep_dead_worker(session, "wk_b") == [other_id]
        assert (await job_of(jobs, mine.id)).state == JobState.RUNNING

    async def test_two_sweepers_count_one_attempt(self, jobs: Database) -> None:
        job = await running(jobs)
        await lapse(jobs, job.id)

        async def sweep() -> list[str]:
            async with jobs.unit_of_work() as session:
                return await sweep_lapsed(session)

        swept = await asyncio.gather(*(sweep() for _ in range(4)))
        assert sum(swept, []) == [job.id]
        assert (await job_of(jobs, job.id)).attempt == 1


class TestDependents:
    async def test_last_dependency_lets_them_go(self, jobs: Database) -> None:
        first, second = await running(jobs), await running(jobs)
        waiting = await make_job(jobs, after=[first.id, second.id])
        assert await finish(jobs, first) == [first.id]
        assert (await job_of(jobs, waiting)).state == JobState.PENDING
        assert await finish(jobs, second) == [second.id, waiting]
        assert await states_of(jobs, waiting) == ["pending", "queued"]

    async def test_two_that_complete_at_once_let_it_go_once(self, jobs: Database) -> None:
        for _ in range(10):
            both = await running(jobs), await running(jobs)
            waiting = await make_job(jobs, after=[job.id for job in both])
            await asyncio.gather(*(finish(jobs, job) for job in both))
            assert await states_of(jobs, waiting) == ["pending", "queued"]
            assert await claim(jobs) is not None

    @pytest.mark.parametrize("end", [JobState.FAILED, JobState.CANCELLED])
    async def test_chain_whose_last_link_waits_for_all_is_cancelled(
        self, jobs: Database, end: JobState
    ) -> None:
        """As a training, its export, and a deployment that needs both."""
        training = await running(jobs)
        export = await make_job(jobs, after=[training.id])
        deploy = await make_job(jobs, after=[training.id, export])
        changed = await finish(jobs, training, end)
        assert sorted(changed) == sorted([training.id, export, deploy])
        for job_id in (export, deploy):
            assert await states_of(jobs, job_id) == ["pending", "cancelled"]
            assert_gapless(await events_of(jobs, job_id))

    async def test_job_born_while_its_dependency_ends_is_settled(self, jobs: Database) -> None:
        for _ in range(20):
            job = await running(jobs)
            _, waiting = await asyncio.gather(finish(jobs, job), make_job(jobs, after=[job.id]))
            assert (await job_of(jobs, waiting)).state == JobState.QUEUED
            assert await claim(jobs) is not None


class TestCapacity:
    async def test_whole_machine_training_excludes_a_second_but_not_a_light_job(self, jobs: Database) -> None:
        slots = Slots(capacity_of(4))
        first, _second = await make_job(jobs, recipe=HEAVY), await make_job(jobs, recipe=HEAVY)
        light, _other = await make_job(jobs, recipe=LIGHT), await make_job(jobs, recipe=LIGHT)
        assert await self.taken(jobs, slots) == [first, light]
        assert slots.held[first] == Grant(cpus=4, light=False, gpu=None, memory_bytes=0)

    async def test_numbered_cores_are_shared_out(self, jobs: Database) -> None:
        slots = Slots(capacity_of(4))
        wanted = [await make_job(jobs, recipe=HEAVY, cpus=cpus) for cpus in (3, 2, 1, 1)]
        assert await self.taken(jobs, slots) == [wanted[0], wanted[2]]
        assert [slots.held[job_id].cpus for job_id in (wanted[0], wanted[2])] == [3, 1]
        slots.give_back(wanted[0])
        assert await self.taken(jobs, slots) == [wanted[1], wanted[3]]

    async def test_training_of_all_cores_waits_for_an_idle_machine(self, jobs: Database) -> None:
        slots = Slots(capacity_of(4))
        small, whole = await make_job(jobs, recipe=HEAVY, cpus=1), await make_job(jobs, recipe=HEAVY)
        assert await self.taken(jobs, slots) == [small]
        slots.give_back(small)
        assert await self.taken(jobs, slots) == [whole]

    async def test_memory_bounds_what_runs_side_by_side(self, jobs: Database) -> None:
        slots = Slots(capacity_of(8, memory_bytes=10 * GIB))
        first = await make_job(jobs, recipe=HEAVY, cpus=1, memory_bytes=5 * GIB)
        await make_job(jobs, recipe=HEAVY, cpus=1, memory_bytes=4 * GIB)
        third = await make_job(jobs, recipe=HEAVY, cpus=1, memory_bytes=3 * GIB)
        assert await self.taken(jobs, slots) == [first, third]
        assert slots.free().memory_bytes == int(10 * GIB * MEMORY_SHARE) - 8 * GIB

    async def test_job_of_more_memory_than_there_is_runs_alone(self, jobs: Database) -> None:
        slots = Slots(capacity_of(8, memory_bytes=GIB))
        big = await make_job(jobs, recipe=HEAVY, cpus=1, memory_bytes=9 * GIB)
        await make_job(jobs, recipe=HEAVY, cpus=1, memory_bytes=1)
        assert await self.taken(jobs, slots) == [big]

    async def test_each_accelerator_gets_one_training_and_its_share_of_cores(self, jobs: Database) -> None:
        slots = Slots(capacity_of(8, gpus=2))
        wanted = [await make_job(jobs, recipe=HEAVY, wants_gpu=True) for _ in range(3)]
        assert await self.taken(jobs, slots) == wanted[:2]
        assert [(slots.held[j].gpu, slots.held[j].cpus) for j in wanted[:2]] == [(0, 4), (1, 4)]
        slots.give_back(wanted[0])
        assert await self.taken(jobs, slots) == [wanted[2]]
        assert slots.held[wanted[2]].gpu == 0

    @pytest.mark.parametrize(("machine", "taken"), [(capacity_of(8), 0), (capacity_of(8, gpus=1), 1)])
    async def test_job_that_insists_on_cuda_waits_for_an_accelerator(
        self, jobs: Database, machine: Capacity, taken: int
    ) -> None:
        await make_job(jobs, recipe=HEAVY, wants_gpu=True, device="cuda")
        assert len(await self.taken(jobs, Slots(machine))) == taken

    async def test_accelerator_is_optional_where_there_is_none(self, jobs: Database) -> None:
        job_id = await make_job(jobs, recipe=HEAVY, wants_gpu=True)
        slots = Slots(capacity_of(8))
        assert await self.taken(jobs, slots) == [job_id]
        assert slots.held[job_id] == Grant(cpus=8, light=False, gpu=None, memory_bytes=0)

    async def taken(self, jobs: Database, slots: Slots) -> list[str]:
        """What a worker with these slots takes now."""
        taken = []
        while (job := await claim(jobs, slots=slots)) is not None:
            taken.append(job.id)
        return taken


class TestCancelRacingFinish:
    @pytest.mark.slow
    async def test_five_hundred_races_have_one_winner_each(self, jobs: Database) -> None:
        lost: list[BaseException] = []
        for turn in range(0, 500, 5):
            races = [self.race(jobs, turn + lane) for lane in range(5)]
            lost += sum(await asyncio.gather(*races), [])
        assert all(isinstance(error, JobOverError | FencedError) for error in lost), lost
        async with jobs.unit_of_work() as session:
            rows = (await session.execute(RACES)).all()
        assert len(rows) == 500
        for row in rows:
            assert row.state in FINAL_STATES
            assert [state for state in row.states if state in FINAL_STATES] == [row.state]
            assert row.states[-1] == row.state
            assert (row.count, row.head) == (row.head_seq, row.head_seq)
        ways = {(row.state, row.desired, len(row.states)) for row in rows}
        assert {way[0] for way in ways} == {"completed", "cancelled"}, ways

    async def race(self, jobs: Database, turn: int) -> list[BaseException]:
        job_id = await make_job(jobs)
        both = self.run(jobs, job_id, turn % 4), self.cancel(jobs, job_id, turn % 7)
        results = await asyncio.gather(*both, return_exceptions=True)
        return [result for result in results if isinstance(result, BaseException)]

    async def run(self, jobs: Database, job_id: str, pauses: int) -> None:
        """Claim and complete; a wish to cancel that is seen in between is granted."""
        await self.pause(pauses)
        async with jobs.unit_of_work() as session:
            job = await claim_next_job(session, "wk_a", Slots(ROOMY).free(), only=frozenset({job_id}))
        if job is None:
            # The canceller held the row; when it has let go, the job is over.
            return
        await self.pause(pauses)
        async with jobs.unit_of_work() as session:
            owned = await lock_owned(session, job_id, job.epoch)
            wished = owned.desired == "cancel"
            await finish_job(session, owned, JobState.CANCELLED if wished else JobState.COMPLETED)

    async def cancel(self, jobs: Database, job_id: str, pauses: int) -> None:
        await self.pause(3 * pauses)
        async with jobs.unit_of_work() as session:
            await cancel_job(session, job_id, keep_checkpoint=True)

    async def pause(self, milliseconds: int) -> None:
        await asyncio.sleep(milliseconds / 1000)
