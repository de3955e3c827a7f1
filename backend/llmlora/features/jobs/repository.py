"""SQL of jobs as people see them. Flushes, never commits; claims and fences are `engine.jobs.queue`."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from sqlalchemy import ColumnElement, Select, func, literal, null, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import defer
from sqlmodel import col

from llmlora.contracts.states import FINAL_STATES, GroupKind, JobState
from llmlora.engine.jobs.event_store import roll_up
from llmlora.features.jobs.schemas import JobStage
from llmlora.features.jobs.sorting import Extremes, extremes_of, of_base, of_dataset
from llmlora.features.jobs.stages import newest_of_stages
from llmlora.features.labels.things import tagged
from llmlora.kit.db import Order, one_page, one_sorted_page, sorting_text
from llmlora.kit.ids import new_id
from llmlora.tables.artifact import ArtifactRow
from llmlora.tables.base_model import BaseModelRow
from llmlora.tables.dataset import DatasetRow
from llmlora.tables.deployment import DeploymentRow
from llmlora.tables.evaluation import EvaluationRow
from llmlora.tables.job import JobRow
from llmlora.tables.job_dependency import JobDependencyRow
from llmlora.tables.job_group import JobGroupRow
from llmlora.tables.metric_point import MetricPointRow

ARTIFACT_LIMIT = 1000
_SLIM = (
    defer(cast(Any, JobRow.reports), raiseload=True),
    defer(cast(Any, JobRow.facts), raiseload=True),
)


@dataclass(frozen=True)
class JobFilter:
    """Which jobs a list shows; None: all."""

    states: Sequence[JobState] = ()
    recipes: Sequence[str] = ()
    group_ids: Sequence[str] = ()
    dataset_id: str | None = None
    words: str | None = None
    tag: str | None = None


async def find_job(session: AsyncSession, job_id: str, *, lock: bool = False) -> JobRow | None:
    """The job of an id; `lock`: as it is now, and nobody else changes it until the transaction ends."""
    if lock:  # one that was read before the lock may have changed until then
        await session.flush()
    return await session.get(JobRow, job_id, with_for_update=lock or None, populate_existing=lock)


async def resumed_by(session: AsyncSession, job_id: str) -> str | None:
    """Id of the job that a job goes on with, if it does with one."""
    found: str | None = await session.scalar(
        select(col(JobRow.resumes_job_id)).where(col(JobRow.id) == job_id)
    )
    return found


async def lock_dependencies(session: AsyncSession, job_ids: Sequence[str]) -> dict[str, JobRow]:
    """Jobs by id as they are now, kept from ending until the transaction has recorded who waits for them."""
    wanted = select(JobRow).where(col(JobRow.id).in_(job_ids)).order_by(col(JobRow.id))
    locked = wanted.with_for_update(read=True).execution_options(populate_existing=True)
    return {job.id: job for job in await session.scalars(locked)}


async def keep_job(session: AsyncSession, job: JobRow, depends_on: Sequence[str]) -> None:
    """Store a new job and what it waits for; one that brings no group begins a chain."""
    if not job.group_id:
        group = JobGroupRow(id=new_id("grp"), kind=GroupKind.CHAIN, name=job.name, created_at=job.created_at)
        session.add(group)
        await session.flush()
        job.group_id = group.id
    session.add(job)
    await session.flush()
    for other in depends_on:
        session.add(JobDependencyRow(job_id=job.id, depends_on=other))
    await session.flush()


@dataclass(frozen=True)
class ListedJob:
    """A row of a list: `job` without its reports and the facts of its request, which may be large."""

    job: JobRow
    metadata: dict[str, str]
    dataset_rows: int | None
    base_reference: str | None
    extremes: Mapping[str, Extremes]
    value: str | None
    """What it is sorted by (`kit.db.sorting_text`)."""


@dataclass(frozen=True)
class Head:
    """How far a job is told of."""

    state: JobState
    seq: int


async def head_of(session: AsyncSession, job_id: str) -> Head | None:
    """State and last event of a job; nothing else of it is read."""
    found = await session.execute(
        select(col(JobRow.state), col(JobRow.head_seq)).where(col(JobRow.id) == job_id)
    )
    row = found.first()
    return None if row is None else Head(JobState(row.state), row.head_seq)


async def find_slim_job(session: AsyncSession, job_id: str) -> JobRow | None:
    """The job of an id without what may be large: reports and the facts of its request."""
    return await session.get(JobRow, job_id, options=_SLIM)


async def list_jobs(
    session: AsyncSession, wanted: JobFilter, *, before: tuple[datetime, str] | None, limit: int
) -> list[ListedJob]:
    """Jobs, newest first."""
    keys = (col(JobRow.created_at), col(JobRow.id))
    return await _listed(session, one_page(_list_of(wanted), *keys, behind=before, limit=limit))


async def list_sorted_jobs(
    session: AsyncSession,
    wanted: JobFilter,
    order: Order,
    *,
    behind: tuple[str | None, datetime, str] | None,
    limit: int,
) -> list[ListedJob]:
    """Jobs in an order that was asked for; equal ones newest first."""
    keys = (col(JobRow.created_at), col(JobRow.id))
    query = _list_of(wanted, sorting_text(order.value))
    return await _listed(session, one_sorted_page(query, order, *keys, behind=behind, limit=limit))


def _list_of(wanted: JobFilter, value: ColumnElement[str | None] | None = None) -> Select[*tuple[Any, ...]]:
    columns = (
        col(JobRow.facts)["metadata"].label("metadata"),
        of_dataset(DatasetRow.rows_kept).label("dataset_rows"),
        of_base(BaseModelRow.reference).label("base_reference"),
        (null() if value is None else value).label("value"),
    )
    return select(JobRow, *columns).options(*_SLIM).where(*conditions_of(wanted))


def conditions_of(wanted: JobFilter) -> list[ColumnElement[bool]]:
    """What a job has to be to be shown."""
    conditions = tagged("job", wanted.tag)
    if wanted.states:
        conditions.append(col(JobRow.state).in_(wanted.states))
    if wanted.recipes:
        conditions.append(col(JobRow.recipe).in_(wanted.recipes))
    if wanted.group_ids:
        conditions.append(col(JobRow.group_id).in_(wanted.group_ids))
    if wanted.dataset_id:
        conditions.append(col(JobRow.inputs)["dataset_id"].astext == wanted.dataset_id)
    if wanted.words:
        conditions.append(col(JobRow.name).icontains(wanted.words, autoescape=True))
    return conditions


async def _listed(session: AsyncSession, page: Select[*tuple[Any, ...]]) -> list[ListedJob]:
    found = (await session.execute(page)).all()
    extremes = await extremes_of(session, [row[0] for row in found])
    return [
        ListedJob(
            row[0],
            row.metadata or {},
            row.dataset_rows,
            row.base_reference,
            extremes.get(row[0].id, {}),
            row.value,
        )
        for row in found
    ]


async def waiting_jobs(session: AsyncSession, limit: int) -> tuple[list[str], int]:
    """Ids of the queued jobs in the order in which `engine.jobs.queue` takes them, and how many there are in all."""
    queued = col(JobRow.state) == JobState.QUEUED
    in_turn = (
        select(col(JobRow.id))
        .where(queued)
        .order_by(col(JobRow.priority).desc(), col(JobRow.created_at), col(JobRow.id))
    )
    ids = list(await session.scalars(in_turn.limit(limit)))
    if len(ids) < limit:
        return ids, len(ids)
    return ids, await session.scalar(select(func.count()).select_from(JobRow).where(queued)) or 0


async def dependencies_of(session: AsyncSession, job_id: str) -> list[str]:
    """Ids of the jobs that a job waits (or waited) for."""
    found = await session.scalars(
        select(col(JobDependencyRow.depends_on)).where(col(JobDependencyRow.job_id) == job_id)
    )
    return sorted(found.all())


async def followers_of(session: AsyncSession, job_id: str) -> list[JobRow]:
    """The jobs that wait (or waited) for a job, oldest first."""
    found = await session.scalars(
        select(JobRow)
        .join(JobDependencyRow, col(JobDependencyRow.job_id) == col(JobRow.id))
        .where(col(JobDependencyRow.depends_on) == job_id)
        .order_by(col(JobRow.created_at), col(JobRow.id))
    )
    return list(found.all())


async def lock_pending_followers(session: AsyncSession, job_id: str) -> list[JobRow]:
    """The jobs that wait for a job; nobody cancels them before this transaction ends.

    Locked in the order of `engine.jobs.queue`, which settles them in the same transaction.
    """
    found = await session.scalars(
        select(JobRow)
        .join(JobDependencyRow, col(JobDependencyRow.job_id) == col(JobRow.id))
        .where(col(JobDependencyRow.depends_on) == job_id, col(JobRow.state) == JobState.PENDING)
        .order_by(col(JobRow.id))
        .with_for_update(of=JobRow)
        .execution_options(populate_existing=True)
    )
    return list(found.all())


async def jobs_of_group(session: AsyncSession, group_id: str) -> list[JobRow]:
    """The jobs of one chain, in the order in which they were made."""
    found = await session.scalars(
        select(JobRow)
        .where(col(JobRow.group_id) == group_id)
        .order_by(col(JobRow.created_at), col(JobRow.id))
    )
    return list(found.all())


async def stages_of(session: AsyncSession, job: JobRow) -> list[JobStage]:
    """The newest job of every stage of a job's chain, in the order in which they were made: what its strip shows."""
    chain = (
        select(JobRow)
        .where(col(JobRow.group_id) == job.group_id)
        .order_by(col(JobRow.created_at), col(JobRow.id))
        .options(*_SLIM)
    )
    shown = newest_of_stages((await session.scalars(chain)).all(), job.id)
    return [
        JobStage.model_validate({name: getattr(one, name) for name in JobStage.model_fields}) for one in shown
    ]


async def open_job_with(session: AsyncSession, recipe: str, setting: str, value: str) -> JobRow | None:
    """A job of a recipe with that setting which has not ended."""
    found = await session.scalars(
        select(JobRow).where(
            col(JobRow.recipe) == recipe,
            col(JobRow.config)[setting].astext == value,
            col(JobRow.state).not_in(FINAL_STATES),
        )
    )
    return found.first()


async def job_awaiting_tag(session: AsyncSession, recipe: str, tag: str) -> JobRow | None:
    """A job of that recipe that has not ended and is to give its model that name, whatever the letter case."""
    found = await session.scalars(
        select(JobRow).where(
            col(JobRow.recipe) == recipe,
            func.lower(col(JobRow.config)["name"].astext) == tag.lower(),
            col(JobRow.state).not_in(FINAL_STATES),
        )
    )
    return found.first()


async def is_tag_used(session: AsyncSession, recipe: str, tag: str) -> bool:
    """Whether a model has that name in Ollama, or is to have it; what was rejected under it gives way."""
    if await job_awaiting_tag(session, recipe, tag) is not None:
        return True
    named = func.lower(col(DeploymentRow.name)) == tag.lower()
    used = select(col(DeploymentRow.id)).where(named, col(DeploymentRow.state) != "rejected").limit(1)
    return await session.scalar(used) is not None


async def jobs_alike(
    session: AsyncSession,
    recipe: str,
    config: dict[str, Any],
    inputs: dict[str, Any],
    *,
    states: Collection[JobState] = (JobState.COMPLETED,),
) -> list[JobRow]:
    """Jobs in these states (completed, if none are named) that do exactly this, the newest first."""
    found = await session.scalars(
        select(JobRow)
        .where(
            col(JobRow.recipe) == recipe,
            col(JobRow.state).in_(states),
            col(JobRow.config) == config,
            col(JobRow.inputs) == inputs,
        )
        .order_by(col(JobRow.created_at).desc())
        .limit(10)
    )
    return list(found.all())


async def artifacts_of(session: AsyncSession, job_id: str, kind: str | None = None) -> list[ArtifactRow]:
    """What a job made, newest epoch first."""
    query = select(ArtifactRow).where(col(ArtifactRow.job_id) == job_id)
    if kind:
        query = query.where(col(ArtifactRow.kind) == kind)
    order = (col(ArtifactRow.epoch).desc(), col(ArtifactRow.created_at).desc(), col(ArtifactRow.id).desc())
    return list((await session.scalars(query.order_by(*order).limit(ARTIFACT_LIMIT))).all())


async def deployed_name(session: AsyncSession, job_id: str) -> str | None:
    """The name of what a job has deployed, while it is known."""
    query = select(col(DeploymentRow.name)).where(col(DeploymentRow.job_id) == job_id)
    return (await session.scalars(query)).first()


async def evaluation_of(session: AsyncSession, job_id: str) -> str | None:
    """Id of what a job has found on held-out rows, if it has looked at any."""
    query = select(col(EvaluationRow.id)).where(col(EvaluationRow.job_id) == job_id)
    return (await session.scalars(query)).first()


async def find_artifact(session: AsyncSession, artifact_id: str) -> ArtifactRow | None:
    """The artifact of an id."""
    return await session.get(ArtifactRow, artifact_id)


async def copy_points(session: AsyncSession, source: str, target: JobRow, last_step: int) -> None:
    """Let a resumed job's curves begin where the other's checkpoint stood."""
    known = select(
        literal(target.id),
        col(MetricPointRow.name),
        col(MetricPointRow.step),
        literal(0),
        col(MetricPointRow.value),
        col(MetricPointRow.at),
    ).where(col(MetricPointRow.job_id) == source, col(MetricPointRow.step) <= last_step)
    names = ["job_id", "name", "step", "epoch", "value", "at"]
    await session.execute(insert(MetricPointRow).from_select(names, known))
    curves = select(col(MetricPointRow.name)).where(col(MetricPointRow.job_id) == target.id).distinct()
    await roll_up(session, target.id, (await session.scalars(curves)).all(), 0, last_step)


async def count_by_state(session: AsyncSession) -> dict[str, int]:
    """How many jobs there are in each state."""
    found = await session.execute(select(col(JobRow.state), func.count()).group_by(col(JobRow.state)))
    return {state: count for state, count in found}
