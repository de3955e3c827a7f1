"""Supervisors with real children: each job once, side by side by plan, stopped and cancelled in good order."""

from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from redis.asyncio import Redis

from llmlora.contracts.events import LogBatch, StateChange
from llmlora.contracts.run import RunSpec
from llmlora.contracts.states import JobState
from llmlora.engine.jobs.capacity import Grant
from llmlora.engine.jobs.hints import publish_cancel
from llmlora.engine.jobs.job_run import Prepared
from llmlora.engine.jobs.queue import MAX_ATTEMPTS
from llmlora.features.jobs.service import cancel_job
from llmlora.tables.job import JobRow

from tests.fakes.work import (
    HEAVY,
    LIGHT,
    ScriptedWork,
    assert_gapless,
    capacity_of,
    events_of,
    execute,
    job_of,
    make_job,
    starts_in,
    states_of,
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
    run_dir,
    until_gone,
    worker_process,
    working,
)

pytestmark = [pytest.mark.anyio, pytest.mark.slow]

QUICK = {"steps": 1, "orphan_proof": False}


class BusyWork(ScriptedWork):
    """Preparing fails the first time in a job's life, as when the database restarts just then."""

    @asynccontextmanager
    async def prepared(self, job: JobRow, grant: Grant) -> AsyncIterator[Prepared]:
        if job.epoch == 1:
            raise ConnectionRefusedError(111, "the database is away")
        async with super().prepared(job, grant) as prepared:
            yield prepared


async def cancel(testbed: Testbed, job_id: str, *, keep: bool = True, hint: bool = True) -> None:
    """As the API does."""
    async with testbed.database.unit_of_work() as session:
        await cancel_job(session, job_id, keep_checkpoint=keep)
    if hint:
        redis: Redis = Redis.from_url(testbed.urls.redis_url)
        await publish_cancel(redis, job_id)
        await redis.aclose()


class TestTwoWorkers:
    @pytest.mark.slow
    @pytest.mark.parametrize("count", [40, pytest.param(200, marks=pytest.mark.long)])
    async def test_every_job_runs_once(self, testbed: Testbed, count: int) -> None:
        wanted = [await make_job(testbed.database, QUICK, recipe=HEAVY, cpus=1) for _ in range(count)]
        with worker_process(testbed, cpus=4), worker_process(testbed, cpus=4):
            jobs = await until_over(testbed.database, *wanted, timeout_s=600)
        assert Counter((job.state, job.epoch, job.attempt) for job in jobs) == {("completed", 1, 0): count}
        assert Counter(starts_in(testbed.data_dir)) == Counter((job_id, 1) for job_id in wanted)
        for job_id in wanted:
            assert_gapless(await events_of(testbed.database, job_id))
            assert await states_of(testbed.database, job_id) == ["queued", "running", "completed"]


class TestRun:
    async def test_events_points_and_artifacts_are_kept_in_order(self, testbed: Testbed) -> None:
        job_id = await make_job(testbed.database, {"steps": 5, "artifact": "whole"})
        async with working(testbed):
            (job,) = await until_over(testbed.database, job_id)
        assert (job.state, job.progress and job.progress["done"]) == (JobState.COMPLETED, 5)
        assert job.latest_metrics["train/loss"] == {"step": 5, "value": 0.2}
        events = await events_of(testbed.database, job_id)
        assert_gapless(events)
        kinds = [event.body.type for event in events]
        assert kinds == ["state", "state", *["progress", "metrics"] * 5, "artifact", "finished", "state"]

    async def test_recipes_own_error_is_not_tried_again(self, testbed: Testbed) -> None:
        job_id = await make_job(testbed.database, {"failure": "recipe"})
        async with working(testbed):
            (job,) = await until_over(testbed.database, job_id)
        assert (job.state, job.epoch, job.failure and job.failure["code"]) == ("failed", 1, "scripted")

    async def test_machines_failure_is_tried_again_up_to_the_limit(self, testbed: Testbed) -> None:
        job_id = await make_job(testbed.database, {"failure": "infrastructure"})
        async with working(testbed) as worker:
            for attempt in range(1, MAX_ATTEMPTS + 1):
                await until(lambda: job_of(testbed.database, job_id), lambda j, a=attempt: j.attempt == a)
                await execute(testbed.database, "UPDATE job SET next_run_at = now()")
                worker.poke()
            (job,) = await until_over(testbed.database, job_id)
        assert (job.state, job.epoch, job.attempt) == (JobState.FAILED, MAX_ATTEMPTS + 1, MAX_ATTEMPTS)
        assert_gapless(await events_of(testbed.database, job_id))

    async def test_artifact_that_is_not_what_was_announced_completes_nothing(self, testbed: Testbed) -> None:
        job_id = await make_job(testbed.database, {"artifact": "broken"}, attempt=MAX_ATTEMPTS)
        async with working(testbed):
            (job,) = await until_over(testbed.database, job_id)
        assert (job.state, job.failure and job.failure["code"]) == (JobState.FAILED, "artifact_broken")

    async def test_outage_while_a_job_is_prepared_is_the_machines_failure(self, testbed: Testbed) -> None:
        job_id = await make_job(testbed.database, QUICK)
        async with working(testbed, work=BusyWork(testbed.database, testbed.data_dir)):
            (job,) = await until_over(testbed.database, job_id)
        assert (job.state, job.epoch, job.attempt) == (JobState.COMPLETED, 2, 1)

    async def test_words_that_postgresql_cannot_hold_end_no_job(self, testbed: Testbed) -> None:
        job_id = await make_job(testbed.database, {**QUICK, "says": "before NUL after"})
        async with working(testbed):
            (job,) = await until_over(testbed.database, job_id)
        assert (job.state, job.epoch) == (JobState.COMPLETED, 1)
        logs = [e.body for e in await events_of(testbed.database, job_id) if isinstance(e.body, LogBatch)]
        assert [log.message for log in logs] == ["before \ufffd after"]

    async def test_chain_runs_in_order_and_its_failure_cancels_the_rest(self, testbed: Testbed) -> None:
        gate = {"gates": {"1": "go"}}
        first = await make_job(testbed.database, {**gate, "failure": "recipe"}, recipe=HEAVY)
        second = await make_job(testbed.database, QUICK, after=[first])
        third = await make_job(testbed.database, QUICK, after=[first, second])
        async with working(testbed):
            await until_event(testbed.database, first, "state", count=2)
            open_gate(testbed, "go")
            jobs = await until_over(testbed.database, first, second, third)
        assert [job.state for job in jobs] == ["failed", "cancelled", "cancelled"]
        assert {job_id for job_id, _ in starts_in(testbed.data_dir)} == {first}


class TestPlan:
    async def test_light_job_runs_beside_a_training_and_a_second_training_waits(
        self, testbed: Testbed
    ) -> None:
        gate = {"steps": 1, "gates": {"1": "go"}}
        first = await make_job(testbed.database, gate, recipe=HEAVY)
        second = await make_job(testbed.database, QUICK, recipe=HEAVY)
        async with working(testbed, capacity_of(2)):
            light = await make_job(testbed.database, QUICK, recipe=LIGHT)
            await until_over(testbed.database, light)
            states = [(await job_of(testbed.database, job_id)).state for job_id in (first, second)]
            assert states == [JobState.RUNNING, JobState.QUEUED]
            open_gate(testbed, "go")
            await until_over(testbed.database, first, second)

    async def test_child_is_told_its_share_of_the_cores(self, testbed: Testbed) -> None:
        shared = await make_job(testbed.database, QUICK, recipe=HEAVY, cpus=3)
        async with working(testbed, capacity_of(8)):
            await until_over(testbed.database, shared)
            whole = await make_job(testbed.database, QUICK, recipe=HEAVY)
            await until_over(testbed.database, whole)
        specs = [run_dir(testbed, job_id) / "spec.json" for job_id in (shared, whole)]
        told = [RunSpec.model_validate_json(path.read_bytes()).resources for path in specs]
        assert [(one.threads, one.cores) for one in told] == [(3, 3), (None, 8)]


class TestCancel:
    async def test_running_job_saves_and_is_cancelled(self, testbed: Testbed) -> None:
        job_id = await make_job(testbed.database, {"steps": 9, "gates": {"4": "never"}})
        async with working(testbed):
            await until_event(testbed.database, job_id, "progress", count=3)
            child = await child_of(testbed, job_id)
            await cancel(testbed, job_id)
            (job,) = await until_over(testbed.database, job_id)
        assert (job.state, job.attempt) == (JobState.CANCELLED, 0)
        assert not lives(child)
        assert (run_dir(testbed, job_id) / "checkpoints" / "step_3").is_dir()
        assert "checkpoint" in [e.body.type for e in await events_of(testbed.database, job_id)]

    async def test_hint_that_is_lost_costs_a_heartbeat(self, testbed: Testbed) -> None:
        job_id = await make_job(testbed.database, {"gates": {"1": "never"}})
        async with working(testbed):
            await child_of(testbed, job_id)
            await cancel(testbed, job_id, hint=False)
            (job,) = await until_over(testbed.database, job_id)
        assert job.state == JobState.CANCELLED

    async def test_discarded_checkpoints_are_gone(self, testbed: Testbed) -> None:
        script = {"steps": 9, "checkpoint_every": 1, "gates": {"4": "never"}}
        job_id = await make_job(testbed.database, script)
        async with working(testbed):
            await until_event(testbed.database, job_id, "checkpoint", count=3)
            await cancel(testbed, job_id, keep=False)
            await until_over(testbed.database, job_id)
        assert not (run_dir(testbed, job_id) / "checkpoints").exists()


class TestStop:
    async def test_stopped_worker_gives_its_job_back_and_the_next_goes_on(self, testbed: Testbed) -> None:
        job_id = await make_job(testbed.database, {"steps": 6, "gates": {"4": "go"}})
        async with working(testbed):
            await until_event(testbed.database, job_id, "progress", count=3)
        job = await job_of(testbed.database, job_id)
        assert (job.state, job.attempt, job.worker_id) == (JobState.QUEUED, 0, None)
        open_gate(testbed, "go")
        async with working(testbed):
            (job,) = await until_over(testbed.database, job_id)
        assert (job.state, job.epoch, job.attempt) == (JobState.COMPLETED, 2, 0)
        events = await events_of(testbed.database, job_id)
        done = [(e.epoch, e.body.done) for e in events if e.body.type == "progress"]
        assert done == [(1, 1), (1, 2), (1, 3), (2, 4), (2, 5), (2, 6)]
        reasons = [e.body.reason for e in events if isinstance(e.body, StateChange) and e.body.reason]
        assert reasons == ["worker_stopping"]

    async def test_stopping_leaves_nobody_behind(self, testbed: Testbed) -> None:
        script = {"gates": {"1": "never"}, "grandchild": True}
        job_id = await make_job(testbed.database, script)
        async with working(testbed):
            family = await child_of(testbed, job_id), await grandchild_of(testbed, job_id)
        assert not any(map(lives, family))

    async def test_ended_child_leaves_nobody_behind(self, testbed: Testbed) -> None:
        job_id = await make_job(testbed.database, {"steps": 1, "grandchild": True})
        async with working(testbed):
            grandchild = await grandchild_of(testbed, job_id)
            await until_over(testbed.database, job_id)
            await until_gone(grandchild, timeout_s=10)

    async def test_forked_grandchild_that_holds_the_events_does_not_hold_the_end(
        self, testbed: Testbed
    ) -> None:
        job_id = await make_job(testbed.database, {"steps": 1, "grandchild": "forked"})
        async with working(testbed):
            grandchild = await grandchild_of(testbed, job_id)
            (job,) = await until_over(testbed.database, job_id)
            await until_gone(grandchild, timeout_s=10)
        assert job.state == JobState.COMPLETED
