"""SQL of sweeps and their trials. Flushes, never commits."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from llmlora.contracts.events import ArtifactKind
from llmlora.contracts.states import GroupKind
from llmlora.contracts.sweep import TrialOutcome
from llmlora.kit.clock import utc_now
from llmlora.kit.db import one_page
from llmlora.kit.ids import new_id
from llmlora.tables.artifact import ArtifactRow
from llmlora.tables.event import EventRow
from llmlora.tables.job import JobRow
from llmlora.tables.job_group import JobGroupRow
from llmlora.tables.metric_point import MetricPointRow
from llmlora.tables.sweep import SweepRow
from llmlora.tables.trial import TrialRow


async def keep_group(session: AsyncSession, name: str, *, metric: str, parent_id: str | None = None) -> str:
    """Store the group of a sweep, or with `parent_id` the chain of a trial; its id."""
    group = JobGroupRow(
        id=new_id("grp"),
        kind=GroupKind.CHAIN if parent_id else GroupKind.SWEEP,
        name=name,
        objective=None if parent_id else metric,
        parent_id=parent_id,
        created_at=utc_now(),
    )
    session.add(group)
    await session.flush()
    return group.id


async def find_sweep(
    session: AsyncSession, sweep_id: str, *, lock: bool = False
) -> tuple[SweepRow, JobGroupRow] | None:
    """The sweep of an id with its group; `lock`: both as they are now, and nobody else changes them."""
    wanted = (
        select(SweepRow, JobGroupRow)
        .join(JobGroupRow, col(JobGroupRow.id) == col(SweepRow.id))
        .where(col(SweepRow.id) == sweep_id)
    )
    if lock:
        wanted = wanted.with_for_update().execution_options(populate_existing=True)
    row = (await session.execute(wanted)).first()
    return None if row is None else (row[0], row[1])


async def lock_if_free(session: AsyncSession, sweep_id: str) -> tuple[SweepRow, JobGroupRow] | None:
    """The sweep of an id, locked; None where another worker looks after it just now."""
    wanted = (
        select(SweepRow, JobGroupRow)
        .join(JobGroupRow, col(JobGroupRow.id) == col(SweepRow.id))
        .where(col(SweepRow.id) == sweep_id)
        .with_for_update(of=SweepRow, skip_locked=True)
        .execution_options(populate_existing=True)
    )
    row = (await session.execute(wanted)).first()
    return None if row is None else (row[0], row[1])


async def take_turn(session: AsyncSession, sweep_id: str) -> bool:
    """Whether this transaction is the one that asks for points of a sweep; the others are told no, until it ends."""
    taking = text("SELECT pg_try_advisory_xact_lock(hashtextextended('sweep:' || :id, 0))")
    return bool(await session.scalar(taking, {"id": sweep_id}))


async def list_sweeps(
    session: AsyncSession, *, before: tuple[datetime, str] | None, limit: int
) -> list[tuple[SweepRow, JobGroupRow]]:
    """Sweeps, newest first."""
    wanted = select(SweepRow, JobGroupRow).join(JobGroupRow, col(JobGroupRow.id) == col(SweepRow.id))
    page = one_page(wanted, col(SweepRow.created_at), col(SweepRow.id), behind=before, limit=limit)
    return [(row[0], row[1]) for row in await session.execute(page)]


async def open_sweeps(session: AsyncSession) -> list[str]:
    """Ids of the sweeps that have not ended."""
    return list(await session.scalars(select(col(SweepRow.id)).where(col(SweepRow.ended_at).is_(None))))


async def trials_of(
    session: AsyncSession,
    sweep_id: str,
    outcomes: Collection[TrialOutcome] = (),
    *,
    since: int = 0,
    limit: int | None = None,
) -> list[TrialRow]:
    """Trials by number (with these outcomes, or all), from a number on."""
    wanted = (
        select(TrialRow)
        .where(col(TrialRow.sweep_id) == sweep_id, col(TrialRow.number) >= since)
        .order_by(col(TrialRow.number))
        .limit(limit)
    )
    if outcomes:
        wanted = wanted.where(col(TrialRow.outcome).in_(outcomes))
    return list(await session.scalars(wanted))


async def count_by_outcome(
    session: AsyncSession, sweep_ids: Sequence[str]
) -> dict[str, dict[TrialOutcome, int]]:
    """How many trials there are of each outcome, by sweep."""
    counted: dict[str, dict[TrialOutcome, int]] = {one: {} for one in sweep_ids}
    found = await session.execute(
        select(col(TrialRow.sweep_id), col(TrialRow.outcome), func.count())
        .where(col(TrialRow.sweep_id).in_(sweep_ids))
        .group_by(col(TrialRow.sweep_id), col(TrialRow.outcome))
    )
    for sweep_id, outcome, count in found:
        counted[sweep_id][TrialOutcome(outcome)] = count
    return counted


async def jobs_of(session: AsyncSession, trials: Sequence[TrialRow]) -> dict[str, JobRow]:
    """The jobs of trials, by id, as they are now."""
    ids = [one.job_id for one in trials if one.job_id]
    found = await session.scalars(
        select(JobRow).where(col(JobRow.id).in_(ids)).execution_options(populate_existing=True)
    )
    return {job.id: job for job in found}


async def lock_job(session: AsyncSession, job_id: str) -> JobRow | None:
    """A job as it is now, and nobody else changes it until the transaction ends."""
    wanted = select(JobRow).where(col(JobRow.id) == job_id).with_for_update()
    return (await session.scalars(wanted.execution_options(populate_existing=True))).first()


async def open_jobs(session: AsyncSession, sweep_id: str) -> list[str]:
    """Ids of the jobs of the trials that have not ended, and of all that belongs to them."""
    found = await session.scalars(
        select(col(JobRow.id))
        .join(JobGroupRow, col(JobGroupRow.id) == col(JobRow.group_id))
        .where(
            col(JobGroupRow.parent_id) == sweep_id, col(JobRow.state).in_(["pending", "queued", "running"])
        )
        .order_by(col(JobRow.id))
    )
    return list(found)


async def why_ended(session: AsyncSession, job_id: str) -> str | None:
    """The reason of the last change of state of a job."""
    found = await session.scalar(
        select(col(EventRow.body))
        .where(col(EventRow.job_id) == job_id, col(EventRow.type) == "state")
        .order_by(col(EventRow.seq).desc())
        .limit(1)
    )
    return found.get("reason") if found else None


async def extreme_of(session: AsyncSession, job_id: str, metric: str, *, smallest: bool) -> float | None:
    """The best value that a curve of a job has had."""
    best = func.min if smallest else func.max
    finite = col(MetricPointRow.value).between(-1.7e308, 1.7e308)
    return await session.scalar(
        select(best(col(MetricPointRow.value))).where(
            col(MetricPointRow.job_id) == job_id, col(MetricPointRow.name) == metric, finite
        )
    )


async def reached_by(
    session: AsyncSession, sweep_id: str, metric: str, step: int, outcomes: Collection[TrialOutcome] = ()
) -> dict[int, float]:
    """By number of the trials that have come to a step: the last value of a curve up to it."""
    point, trial = MetricPointRow, TrialRow
    wanted = (
        select(col(trial.number), col(point.value))
        .join(point, col(point.job_id) == col(trial.job_id))
        .where(
            col(trial.sweep_id) == sweep_id,
            col(point.name) == metric,
            col(point.step) <= step,
            select(func.max(col(MetricPointRow.step)))
            .where(col(MetricPointRow.job_id) == col(trial.job_id), col(MetricPointRow.name) == metric)
            .correlate(trial)
            .scalar_subquery()
            >= step,
        )
        .distinct(col(trial.number))
        .order_by(col(trial.number), col(point.step).desc())
    )
    if outcomes:
        wanted = wanted.where(col(trial.outcome).in_(outcomes))
    return {number: value for number, value in await session.execute(wanted)}


async def curve_of(session: AsyncSession, job_id: str, metric: str, limit: int) -> list[tuple[int, float]]:
    """The first points of a curve, step and value."""
    found = await session.execute(
        select(col(MetricPointRow.step), col(MetricPointRow.value))
        .where(col(MetricPointRow.job_id) == job_id, col(MetricPointRow.name) == metric)
        .order_by(col(MetricPointRow.step))
        .limit(limit)
    )
    return [(step, value) for step, value in found]


async def weights_of(session: AsyncSession, job_id: str) -> list[ArtifactRow]:
    """What a job has left that is large: all but its reports, and but what was registered under a name of its own."""
    kept = [ArtifactKind.REPORT, ArtifactKind.BASE_MODEL]
    found = await session.scalars(
        select(ArtifactRow).where(col(ArtifactRow.job_id) == job_id, col(ArtifactRow.kind).not_in(kept))
    )
    return list(found)
