"""The features' side of scripted runs, and how a test makes and watches their jobs."""

import asyncio
import json
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from llmlora.contracts.events import JobEvent, StateChange
from llmlora.contracts.run import RunInputs, RunSpec
from llmlora.contracts.states import FINAL_STATES, JobState
from llmlora.engine.hosts.running import Outcome
from llmlora.engine.jobs.capacity import Capacity, Grant, Slots
from llmlora.engine.jobs.event_store import append_state, read_events
from llmlora.engine.jobs.job_run import Prepared
from llmlora.engine.jobs.queue import claim_next_job
from llmlora.features.jobs import repository
from llmlora.features.jobs.service import newest_checkpoint
from llmlora.kit.clock import utc_now
from llmlora.kit.db import Database
from llmlora.kit.ids import new_id
from llmlora.tables.job import JobRow

from tests.fakes import trainer

T = TypeVar("T")
TRAINER = (sys.executable, str(Path(trainer.__file__)))
HEAVY, LIGHT = "text_lora", "export_gguf"
GIB = 1 << 30
PATIENCE_S = 60.0


class ScriptedWork:
    """An `engine.jobs.job_run.JobWork` for `trainer.py`: no inputs but the checkpoint to go on from."""

    def __init__(self, database: Database, data_dir: Path) -> None:
        self._database = database
        self._data_dir = data_dir

    @asynccontextmanager
    async def prepared(self, job: JobRow, grant: Grant) -> AsyncIterator[Prepared]:
        async with self._database.unit_of_work() as session:
            checkpoint = await newest_checkpoint(session, self._data_dir, job)
        spec = RunSpec(
            job_id=job.id,
            epoch=job.epoch,
            recipe=job.recipe,
            config=job.config,
            inputs=RunInputs(),
            resources=grant.resources(job),
            data_dir=self._data_dir,
            resume_from=self._data_dir / checkpoint.path if checkpoint else None,
        )
        yield Prepared(spec)

    async def completed(self, session: AsyncSession, job: JobRow, outcome: Outcome) -> None:
        """Nothing is registered."""

    async def ended(self, session: AsyncSession, job: JobRow, outcome: Outcome) -> None:
        """Nothing is taken back."""


def capacity_of(cpus: int, *, gpus: int = 0, memory_bytes: int = 64 * GIB) -> Capacity:
    """A made-up machine."""
    names = tuple(f"GPU-{number}" for number in range(gpus))
    return Capacity(cpus=cpus, gpus=names, memory_bytes=memory_bytes, identity="made up", born="")


ROOMY = capacity_of(64)


async def make_job(
    database: Database, script: dict[str, Any] | None = None, *, after: Sequence[str] = (), **columns: Any
) -> str:
    """Store a job as the API does, `after` others; returns its id."""
    now = utc_now()
    job = JobRow(
        id=columns.pop("id", new_id("job")),
        name="scripted",
        recipe=columns.pop("recipe", LIGHT),
        state=JobState.PENDING,
        config=script or {},
        inputs=columns.pop("inputs", {}),
        next_run_at=now,
        created_at=now,
        **columns,
    )
    async with database.unit_of_work() as session:
        before = await repository.lock_dependencies(session, after)
        waits = any(other.state != JobState.COMPLETED for other in before.values())
        job.state = JobState.PENDING if waits else JobState.QUEUED
        await repository.keep_job(session, job, after)
        await append_state(session, job, StateChange(state=JobState(job.state)))
    return job.id


async def job_of(database: Database, job_id: str) -> JobRow:
    """The job's row as it is now."""
    async with database.unit_of_work() as session:
        return await session.get_one(JobRow, job_id)


async def claim(database: Database, worker: str = "wk_a", slots: Slots | None = None) -> JobRow | None:
    """Claim and take the share, as a worker does."""
    slots = slots or Slots(ROOMY)
    async with database.unit_of_work() as session:
        job = await claim_next_job(session, worker, slots.free())
    if job is not None:
        slots.take(job)
    return job


async def running_job(database: Database, **columns: Any) -> JobRow:
    """A job that was claimed."""
    job_id = await make_job(database, **columns)
    job = await claim(database)
    assert job is not None
    assert job.id == job_id
    return job


async def events_of(database: Database, job_id: str) -> list[JobEvent]:
    """All events of a job, in order."""
    async with database.unit_of_work() as session:
        return await read_events(session, job_id, after=0, limit=100_000)


async def states_of(database: Database, job_id: str) -> list[str]:
    """The states through which a job went, by its events."""
    events = await events_of(database, job_id)
    return [str(event.body.state) for event in events if isinstance(event.body, StateChange)]


async def execute(database: Database, statement: str, **values: Any) -> None:
    """One statement of SQL in a transaction of its own."""
    async with database.unit_of_work() as session:
        await session.execute(text(statement), values)


async def lapse(database: Database, job_id: str) -> None:
    """Let the lease of a running job have ended a second ago."""
    await execute(
        database, "UPDATE job SET lease_until = now() - interval '1 second' WHERE id = :id", id=job_id
    )


async def until(
    look: Callable[[], Awaitable[T]], wanted: Callable[[T], bool] = bool, *, timeout_s: float = PATIENCE_S
) -> T:
    """What `look` returns as soon as it is as `wanted`; fails with what it saw last."""
    deadline = time.monotonic() + timeout_s
    while not wanted(seen := await look()):
        assert time.monotonic() < deadline, f"waited {timeout_s} s; saw {seen!r}"
        await asyncio.sleep(0.05)
    return seen


async def until_over(database: Database, *job_ids: str, timeout_s: float = PATIENCE_S) -> list[JobRow]:
    """The jobs' rows once all are final."""

    async def look() -> list[JobRow]:
        return [await job_of(database, job_id) for job_id in job_ids]

    return await until(look, lambda jobs: all(j.state in FINAL_STATES for j in jobs), timeout_s=timeout_s)


async def until_event(database: Database, job_id: str, kind: str, *, count: int = 1) -> list[JobEvent]:
    """The job's events of a type once there are `count`."""

    async def look() -> list[JobEvent]:
        return [event for event in await events_of(database, job_id) if event.body.type == kind]

    return await until(look, lambda events: len(events) >= count)


def assert_gapless(events: Sequence[JobEvent]) -> None:
    """Numbers from 1 without a gap, epochs that never fall, one last word."""
    assert [event.seq for event in events] == list(range(1, len(events) + 1))
    epochs = [event.epoch for event in events]
    assert epochs == sorted(epochs)
    finals = [e.seq for e in events if isinstance(e.body, StateChange) and e.body.state in FINAL_STATES]
    assert len(finals) <= 1
    assert not finals or finals == [events[-1].seq]


def starts_in(data_dir: Path) -> list[tuple[str, int]]:
    """(job, epoch) of every child that began in a data directory."""
    path = data_dir / trainer.STARTS
    lines = path.read_text().splitlines() if path.exists() else []
    return [(line.split()[0], int(line.split()[1])) for line in lines]


def as_argument(**values: Any) -> str:
    """Values for a program's command line."""
    return json.dumps({name: str(v) if isinstance(v, Path) else v for name, v in values.items()})
