"""Jobs in PostgreSQL: claimed, kept alive, finished, swept. Every write is fenced by (id, epoch, running).

Guarantee: a job is claimed by one worker an epoch; a worker that lost its claim changes nothing any more.
Leases use the database's clock. The state machine itself stands in `contracts.states` and in the table's trigger.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import ColumnElement, Select, and_, case, exists, false, func, literal, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased
from sqlmodel import col

from llmlora.contracts.events import Failure, StateChange
from llmlora.contracts.failures import failure_of
from llmlora.contracts.states import FINAL_STATES, JobState
from llmlora.engine.jobs.capacity import Free, recipes_of
from llmlora.engine.jobs.endings import FOLLOWS, note_ending
from llmlora.engine.jobs.event_store import Fact, append_facts, append_state, forget_checkpoints, storable
from llmlora.tables.job import JobRow
from llmlora.tables.job_dependency import JobDependencyRow
from llmlora.tables.job_group import JobGroupRow

LEASE = timedelta(seconds=30)
MAX_ATTEMPTS = 3
# Before the second, third and fourth try of a job whose machine failed it.
BACKOFFS = (timedelta(seconds=1), timedelta(seconds=10), timedelta(seconds=60))
SWEEP_LIMIT = 50
CANCEL = "cancel"
PRUNE = "prune"
"""The trial is stopped because others have done better by then; its job ends as one that was cancelled."""
STOPPING = frozenset({CANCEL, PRUNE})
PRUNED = "pruned"
"""Reason of the change of state of such a job."""
BATCH_STOPPED = "batch_stopped"
"""Reason of the end of a job that was not begun because another of its batch had failed."""


class FencedError(Exception):
    """Another epoch owns the job, or it has ended: nothing may be written for it."""


@dataclass(frozen=True)
class Heartbeat:
    """What the job's row answered to a sign of life."""

    cancel: bool
    keep_checkpoint: bool
    head_seq: int


async def claim_next_job(
    session: AsyncSession,
    worker_id: str,
    free: Free,
    *,
    only: frozenset[str] = frozenset(),
    lease: timedelta = LEASE,
) -> JobRow | None:
    """Take the most urgent job that fits into what is free (and is one of `only`); None when there is none."""
    wanted = (
        select(JobRow)
        .where(
            col(JobRow.state) == JobState.QUEUED,
            col(JobRow.next_run_at) <= func.now(),
            _fits(free),
            ~_is_paused(),
            *([col(JobRow.id).in_(only)] if only else []),
        )
        .order_by(col(JobRow.priority).desc(), col(JobRow.created_at), col(JobRow.id))
        .limit(1)
        .with_for_update(skip_locked=True)
        .execution_options(populate_existing=True)
    )
    job = (await session.scalars(wanted)).first()
    if job is None:
        return None
    job.state, job.epoch, job.src_head = JobState.RUNNING, job.epoch + 1, 0
    job.progress = None  # how far an earlier run came says nothing of one that begins
    job.worker_id = worker_id
    job.lease_until = func.now() + lease  # type: ignore[assignment]
    job.started_at = job.started_at or func.now()  # type: ignore[assignment]
    await append_state(session, job, StateChange(state=JobState.RUNNING))
    await session.flush()
    await session.refresh(job)
    return job


def _is_paused() -> ColumnElement[bool]:
    """The condition under which a job's group is paused, or the one around it."""
    own, around = aliased(JobGroupRow), aliased(JobGroupRow)
    found = (
        select(col(own.id))
        .outerjoin(around, col(around.id) == col(own.parent_id))
        .where(col(own.id) == col(JobRow.group_id), or_(col(own.paused), col(around.paused)))
    )
    return exists(found)


def _fits(free: Free) -> ColumnElement[bool]:
    """The condition under which a job fits: a slot of its lane, an accelerator or cores, memory. One whose recipe this
    worker does not have waits for one that has."""
    light, waiting, computing = (
        col(JobRow.recipe).in_(recipes_of(lane)) for lane in ("light", "waiting", "compute")
    )
    cores = case((col(JobRow.cpus) == 0, literal(free.is_idle)), else_=col(JobRow.cpus) <= free.cpus)
    compute: ColumnElement[bool] = and_(cores, col(JobRow.device) != "cuda")
    if free.gpus_total:
        compute = case((col(JobRow.wants_gpu), literal(free.gpus_free > 0)), else_=cores)
    memory = or_(literal(free.is_idle), col(JobRow.memory_bytes) <= free.memory_bytes)
    lane = case(
        (waiting, literal(free.waiting_slots > 0)),
        (
            light,
            and_(
                literal(free.light_slots > 0), or_(col(JobRow.device) != "cuda", literal(free.gpus_free > 0))
            ),
        ),
        (computing, compute),
        else_=false(),
    )
    return and_(lane, memory)


async def lock_owned(session: AsyncSession, job_id: str, epoch: int) -> JobRow:
    """The running job's row, locked, if this epoch still owns it.

    Raises:
        FencedError: it does not.
    """
    owned = select(JobRow).where(
        col(JobRow.id) == job_id, col(JobRow.epoch) == epoch, col(JobRow.state) == JobState.RUNNING
    )
    locked = owned.with_for_update().execution_options(populate_existing=True)
    job = (await session.scalars(locked)).first()
    if job is None:
        raise FencedError(job_id, epoch)
    return job


async def heartbeat(session: AsyncSession, job_id: str, epoch: int, *, lease: timedelta = LEASE) -> Heartbeat:
    """Renew the lease, check the fence, read the head and the wish to cancel, in one round trip.

    Raises:
        FencedError: another epoch owns the job.
    """
    renewed = (
        update(JobRow)
        .where(col(JobRow.id) == job_id, col(JobRow.epoch) == epoch, col(JobRow.state) == JobState.RUNNING)
        .values(lease_until=func.now() + lease)
        .returning(col(JobRow.desired), col(JobRow.keep_checkpoint), col(JobRow.head_seq))
    )
    row = (await session.execute(renewed)).first()
    if row is None:
        raise FencedError(job_id, epoch)
    return Heartbeat(
        cancel=row.desired in STOPPING, keep_checkpoint=row.keep_checkpoint, head_seq=row.head_seq
    )


async def store_facts(
    session: AsyncSession, job_id: str, epoch: int, facts: Sequence[Fact], *, lease: timedelta = LEASE
) -> Heartbeat:
    """Store a batch of a child's events (those that are stored already are skipped) and renew the lease.

    Raises:
        FencedError: another epoch owns the job.
    """
    job = await lock_owned(session, job_id, epoch)
    fresh = [fact for fact in facts if fact.src_seq is None or fact.src_seq > job.src_head]
    await append_facts(session, job, fresh)
    job.lease_until = func.now() + lease  # type: ignore[assignment]
    await session.flush()
    return Heartbeat(
        cancel=job.desired in STOPPING, keep_checkpoint=job.keep_checkpoint, head_seq=job.head_seq
    )


async def finish_job(
    session: AsyncSession,
    job: JobRow,
    state: JobState,
    *,
    failure: Failure | None = None,
    reason: str | None = None,
) -> list[str]:
    """End a locked job for good and settle those that wait for it; returns ids of all jobs that changed."""
    assert state in FINAL_STATES
    job.failure = storable(failure.model_dump(mode="json")) if failure else None
    await append_state(session, job, StateChange(state=state, reason=reason, failure=failure))
    await note_ending(session, job, state, failure=failure, reason=reason)
    job.state, job.lease_until, job.worker_id = state, None, None
    job.finished_at = func.now()  # type: ignore[assignment]
    await session.flush()
    changed = [job.id, *await _settle_dependents(session, job.id, state)]
    if state is JobState.FAILED:
        changed += await _stop_batch(session, job)
    return changed


async def requeue_job(
    session: AsyncSession, job: JobRow, *, reason: str, failure: Failure | None = None
) -> None:
    """Give a locked running job back to the queue. A failure counts as an attempt and makes it wait."""
    wait = timedelta(0)
    if failure is not None:
        wait = BACKOFFS[min(job.attempt, len(BACKOFFS) - 1)]
        job.attempt += 1
    await append_state(session, job, StateChange(state=JobState.QUEUED, reason=reason, failure=failure))
    job.state, job.lease_until, job.worker_id = JobState.QUEUED, None, None
    job.next_run_at = func.now() + wait  # type: ignore[assignment]
    await session.flush()


async def cancel_waiting(session: AsyncSession, job: JobRow, *, reason: str | None = None) -> list[str]:
    """Cancel a locked job that has not begun; returns ids of all jobs that changed."""
    job.desired = CANCEL
    return await finish_job(session, job, JobState.CANCELLED, reason=reason)


async def end_lost_run(session: AsyncSession, job: JobRow, *, reason: str) -> list[str]:
    """Settle a locked running job whose worker is gone: cancelled if that was wished, tried again, or failed."""
    failure = failure_of(reason)
    if job.desired in STOPPING:
        if not job.keep_checkpoint:
            await forget_checkpoints(session, job.id)
        why = PRUNED if job.desired == PRUNE else reason
        return await finish_job(session, job, JobState.CANCELLED, reason=why)
    if job.attempt >= MAX_ATTEMPTS:
        return await finish_job(session, job, JobState.FAILED, failure=failure, reason=reason)
    await requeue_job(session, job, reason=reason, failure=failure)
    return [job.id]


async def sweep_lapsed(session: AsyncSession) -> list[str]:
    """Settle running jobs whose lease has lapsed; returns ids of all jobs that changed."""
    lapsed = select(JobRow).where(col(JobRow.state) == JobState.RUNNING, col(JobRow.lease_until) < func.now())
    return await _end_all(session, lapsed, reason="lease_lapsed")


async def sweep_dead_worker(session: AsyncSession, worker_id: str) -> list[str]:
    """Settle running jobs of a worker that is known to be dead, without waiting for the lease."""
    its = select(JobRow).where(col(JobRow.state) == JobState.RUNNING, col(JobRow.worker_id) == worker_id)
    return await _end_all(session, its, reason="worker_died")


async def _end_all(session: AsyncSession, jobs: Select[JobRow], *, reason: str) -> list[str]:
    locked = jobs.limit(SWEEP_LIMIT).with_for_update(skip_locked=True)
    found = await session.scalars(locked.execution_options(populate_existing=True))
    changed: list[str] = []
    for job in list(found):
        changed += await end_lost_run(session, job, reason=reason)
    return changed


async def _stop_batch(session: AsyncSession, failed: JobRow) -> list[str]:
    """Cancel what has not begun of the batch of a job that has failed, where the batch does not go on then."""
    chain, batch, others = aliased(JobGroupRow), aliased(JobGroupRow), aliased(JobGroupRow)
    waiting = (
        select(JobRow)
        .join(others, col(others.id) == col(JobRow.group_id))
        .join(batch, col(batch.id) == col(others.parent_id))
        .join(chain, col(chain.parent_id) == col(batch.id))
        .where(
            col(chain.id) == failed.group_id,
            ~col(batch.continue_on_error),
            col(JobRow.state).in_([JobState.PENDING, JobState.QUEUED]),
        )
        .order_by(col(JobRow.id))
        .with_for_update(of=JobRow)
        .execution_options(populate_existing=True)
    )
    changed: list[str] = []
    for job in list(await session.scalars(waiting)):
        if job.state in (JobState.PENDING, JobState.QUEUED):  # not cancelled with another of these
            changed += await cancel_waiting(session, job, reason=BATCH_STOPPED)
    return changed


async def _settle_dependents(session: AsyncSession, job_id: str, state: JobState) -> list[str]:
    """Queue the pending jobs for which this was the last dependency; cancel them where it did not complete."""
    waiting = (
        select(JobRow)
        .join(JobDependencyRow, col(JobDependencyRow.job_id) == col(JobRow.id))
        .where(col(JobDependencyRow.depends_on) == job_id, col(JobRow.state) == JobState.PENDING)
        .order_by(col(JobRow.id))
        .with_for_update(of=JobRow)
        .execution_options(populate_existing=True)
    )
    changed: list[str] = []
    for job in list(await session.scalars(waiting)):
        if job.state != JobState.PENDING:  # cancelled a moment ago, with another of these
            continue
        if state is not JobState.COMPLETED:
            changed += await cancel_waiting(session, job, reason=f"{FOLLOWS}{state}")
        elif await _all_dependencies_completed(session, job.id):
            await append_state(session, job, StateChange(state=JobState.QUEUED))
            job.state = JobState.QUEUED
            job.next_run_at = func.now()  # type: ignore[assignment]
            await session.flush()
            changed.append(job.id)
    return changed


async def _all_dependencies_completed(session: AsyncSession, job_id: str) -> bool:
    open_ones = (
        select(func.count())
        .select_from(JobDependencyRow)
        .join(JobRow, col(JobRow.id) == col(JobDependencyRow.depends_on))
        .where(col(JobDependencyRow.job_id) == job_id, col(JobRow.state) != JobState.COMPLETED)
    )
    return (await session.scalar(open_ones)) == 0
