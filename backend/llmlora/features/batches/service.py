"""Batches: created, looked at, run again where they failed, cancelled. Callers bring the transaction and publish after it."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Literal

from sqlalchemy.ext.asyncio import AsyncSession

from llmlora.contracts.events import Failure
from llmlora.contracts.states import FINAL_STATES, JobState
from llmlora.features.batches import repository
from llmlora.features.batches.errors import BatchNotFoundError, NothingToRetryError
from llmlora.features.batches.schemas import BatchCreate, BatchDetail, BatchItem, BatchOut
from llmlora.features.jobs.errors import NothingToResumeError
from llmlora.features.jobs.results import Direction, direction_of, last_value, usual_metric
from llmlora.features.jobs.service import cancel_job, create_job, duplicate_job, resume_job
from llmlora.features.recipes.configs import find_recipe
from llmlora.kit.db import or_refuse
from llmlora.kit.errors import AppError
from llmlora.recipes import RECIPES
from llmlora.tables.job import JobRow
from llmlora.tables.job_group import JobGroupRow

ITEM = "batch_item"
"""In the facts of the job that an item of a batch is about."""


async def create_batch(session: AsyncSession, data_dir: Path, asked: BatchCreate) -> tuple[str, list[JobRow]]:
    """Store a batch with all its jobs, or nothing; its id and every job that was made.

    Raises:
        AppError: as `features.jobs.service.create_job`, of the first item that cannot be; its fields point into the item.
    """
    metric = asked.metric or usual_metric(find_recipe(asked.items[0].recipe))
    name = asked.name or asked.items[0].name or asked.items[0].recipe
    batch = await repository.keep_batch(
        session, name, continue_on_error=asked.continue_on_error, metric=metric
    )
    made: list[JobRow] = []
    for place, item in enumerate(asked.items):
        chain = await repository.keep_item(session, batch, place, item.name or item.recipe)
        try:
            jobs = await create_job(session, data_dir, item, foresee=True, group_id=chain)
        except AppError as error:
            error.fields = tuple(replace(one, pointer=f"/items/{place}{one.pointer}") for one in error.fields)
            raise
        _mark(jobs[0])
        made += jobs
    await session.flush()
    return batch.id, made


async def list_batches(session: AsyncSession, batches: Sequence[JobGroupRow]) -> list[BatchOut]:
    """Batches without their items."""
    chains = await repository.chains_of(session, [one.id for one in batches])
    shown = [_detail(one, chains[one.id], None, None) for one in batches]
    return [BatchOut(**{name: getattr(one, name) for name in BatchOut.model_fields}) for one in shown]


async def get_batch(
    session: AsyncSession, batch_id: str, metric: str | None = None, direction: Direction | None = None
) -> BatchDetail:
    """A batch with its items; the best by another metric, or in another direction, where these are named.

    Raises:
        BatchNotFoundError: there is none.
    """
    batch = or_refuse(await repository.find_batch(session, batch_id), BatchNotFoundError, id=batch_id)
    chains = await repository.chains_of(session, [batch.id])
    return _detail(batch, chains[batch.id], metric, direction)


async def retry_batch(session: AsyncSession, data_dir: Path, batch_id: str) -> list[JobRow]:
    """Run the items again that failed, and those that were not begun because one had; from their checkpoints, where they
    left any.

    Raises:
        BatchNotFoundError: there is none.
        NothingToRetryError: none has failed.
        AppError: as `features.jobs.service.create_job`.
    """
    batch = or_refuse(
        await repository.find_batch(session, batch_id, lock=True), BatchNotFoundError, id=batch_id
    )
    chains = (await repository.chains_of(session, [batch.id]))[batch.id]
    again = [job for jobs in chains for job in _tries(jobs)[-1:] if _is_to_retry(job, batch)]
    if not again:
        raise NothingToRetryError(name=batch.name)
    made: list[JobRow] = []
    for job in again:
        try:
            made += await resume_job(session, data_dir, job.id)
        except NothingToResumeError:
            jobs = await duplicate_job(session, data_dir, job.id, name=None, config={}, group_id=job.group_id)
            _mark(jobs[0])
            made += jobs
    await session.flush()
    return made


async def cancel_batch(session: AsyncSession, batch_id: str) -> list[JobRow]:
    """Cancel every job of a batch that has not ended; those that run keep their checkpoints.

    Raises:
        BatchNotFoundError: there is none.
    """
    batch = or_refuse(
        await repository.find_batch(session, batch_id, lock=True), BatchNotFoundError, id=batch_id
    )
    chains = (await repository.chains_of(session, [batch.id]))[batch.id]
    open_ones = sorted(job.id for jobs in chains for job in jobs if job.state not in FINAL_STATES)
    cancelled = []
    for job_id in open_ones:
        # One that has ended meanwhile, or goes with one that it waits for, is left as it is.
        try:
            cancelled.append(await cancel_job(session, job_id, keep_checkpoint=True))
        except AppError:
            continue
    return cancelled


def _tries(jobs: Sequence[JobRow]) -> list[JobRow]:
    """The job that an item is about and those that took its place, the oldest first; not what was imported for it or
    made of it."""
    found: dict[str, JobRow] = {}
    for job in jobs:
        if job.facts.get(ITEM) or job.resumes_job_id in found:
            found[job.id] = job
    return [*found.values()]


def _mark(job: JobRow) -> None:
    """Of the jobs of a chain it is the one that the item is about."""
    job.facts = {**job.facts, ITEM: True}


def _is_to_retry(job: JobRow, batch: JobGroupRow) -> bool:
    if job.state == JobState.FAILED:
        return True
    return not batch.continue_on_error and job.state == JobState.CANCELLED and job.started_at is None


def _detail(
    batch: JobGroupRow, chains: Sequence[Sequence[JobRow]], metric: str | None, direction: Direction | None
) -> BatchDetail:
    tries = [found for jobs in chains if (found := _tries(jobs))]
    newest = [one[-1] for one in tries]
    metric = metric or batch.objective
    for job in newest:
        known = RECIPES.get(job.recipe)
        direction = direction or (direction_of(known, metric, job) if known and metric else None)
    items = [_item(one, metric) for one in tries]
    done = [one for one in items if one.state == JobState.COMPLETED and one.value is not None]
    sign = -1 if direction == "maximize" else 1
    best = min(done, key=lambda one: sign * (one.value or 0.0), default=None) if direction else None
    return BatchDetail(
        id=batch.id,
        name=batch.name,
        state=_state(newest),
        continue_on_error=batch.continue_on_error,
        by_state=dict(Counter(JobState(job.state) for job in newest)),
        metric=metric,
        direction=direction,
        best=best,
        created_at=batch.created_at,
        items=items,
    )


def _item(tries: Sequence[JobRow], metric: str | None) -> BatchItem:
    job = tries[-1]
    return BatchItem(
        job_id=job.id,
        name=job.name,
        recipe=job.recipe,
        state=JobState(job.state),
        config=job.config,
        value=last_value(job, metric) if metric else None,
        failure=Failure.model_validate(job.failure) if job.failure else None,
        tries=len(tries),
    )


def _state(jobs: Sequence[JobRow]) -> Literal["running", "completed", "failed", "cancelled"]:
    states = {job.state for job in jobs}
    if states - FINAL_STATES:
        return "running"
    if JobState.FAILED in states:
        return "failed"
    return "cancelled" if JobState.CANCELLED in states else "completed"
