"""The guard in the database: exactly the transitions of `contracts.states`, and no rewriting of what has happened."""

from collections.abc import Sequence
from itertools import product

import pytest
from sqlalchemy.exc import IntegrityError

from llmlora.contracts.states import FINAL_STATES, TRANSITIONS, JobState
from llmlora.kit.db import Database

from tests.fakes.work import events_of, execute, make_job

pytestmark = pytest.mark.anyio

WAYS_IN: dict[JobState, Sequence[JobState]] = {
    JobState.PENDING: (),
    JobState.QUEUED: (JobState.QUEUED,),
    JobState.RUNNING: (JobState.QUEUED, JobState.RUNNING),
    JobState.COMPLETED: (JobState.QUEUED, JobState.RUNNING, JobState.COMPLETED),
    JobState.FAILED: (JobState.QUEUED, JobState.RUNNING, JobState.FAILED),
    JobState.CANCELLED: (JobState.CANCELLED,),
}


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
        "change",
        [
            "config = '{\"a\": 1}'",
            "recipe = 'x'",
            "head_seq = head_seq + 1",
            "failure = '{}'",
            "priority = 9",
        ],
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
