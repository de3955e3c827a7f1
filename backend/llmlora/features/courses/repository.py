"""SQL of what courses look for, and of the ticks that are kept. Flushes, never commits."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import delete, or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from llmlora.contracts.states import JobState
from llmlora.tables.artifact import ArtifactRow
from llmlora.tables.backup import BackupRow
from llmlora.tables.base_model import BaseModelRow
from llmlora.tables.chat_message import ChatMessageRow
from llmlora.tables.course_tick import CourseTickRow
from llmlora.tables.dataset import DatasetRow
from llmlora.tables.deployment import DeploymentRow
from llmlora.tables.job import JobRow

# A learner has a handful; nobody's history is read whole.
_MOST = 200


class Training(NamedTuple):
    """A training on the course's data."""

    id: str
    state: JobState
    config: Mapping[str, Any]


class Model(NamedTuple):
    """What a training made, ready to answer; `base` is the reference of its base model."""

    name: str
    names: tuple[str, ...]
    training_id: str
    base: str | None


async def datasets_with(
    session: AsyncSession, rows: Collection[str], originals: Collection[str]
) -> list[tuple[str, datetime]]:
    """Data sets with these rows, or made of these very files: (id, added at), newest first."""
    query = select(col(DatasetRow.id), col(DatasetRow.created_at)).where(
        or_(col(DatasetRow.rows_sha256).in_(rows), col(DatasetRow.original_sha256).in_(originals))
    )
    found = await session.execute(query.order_by(col(DatasetRow.created_at).desc()).limit(_MOST))
    return [(row.id, row.created_at) for row in found]


async def trainings_on(
    session: AsyncSession, dataset_ids: Collection[str], recipes: Collection[str]
) -> list[Training]:
    """Jobs of these recipes on these data sets, newest first."""
    query = (
        select(col(JobRow.id), col(JobRow.state), col(JobRow.config))
        .where(col(JobRow.inputs)["dataset_id"].astext.in_(dataset_ids), col(JobRow.recipe).in_(recipes))
        .order_by(col(JobRow.created_at).desc(), col(JobRow.id).desc())
        .limit(_MOST)
    )
    return [Training(row.id, JobState(row.state), row.config) for row in await session.execute(query)]


async def models_of(session: AsyncSession, training_ids: Collection[str]) -> list[Model]:
    """Ready deployments of these trainings, newest first."""
    query = (
        select(
            col(DeploymentRow.name),
            col(DeploymentRow.files),
            col(DeploymentRow.training_job_id),
            col(BaseModelRow.reference),
        )
        .outerjoin(BaseModelRow, col(BaseModelRow.id) == col(DeploymentRow.base_model_id))
        .where(col(DeploymentRow.training_job_id).in_(training_ids), col(DeploymentRow.state) == "ready")
        .order_by(col(DeploymentRow.created_at).desc())
        .limit(_MOST)
    )
    found = await session.execute(query)
    return [
        Model(row.name, tuple({row.name, row.files.get("tag", row.name)}), row.training_job_id, row.reference)
        for row in found
    ]


async def has_answered(session: AsyncSession, questions: Collection[str], models: Collection[str]) -> bool:
    """Whether one of the models has answered one of the questions."""
    asked, answer = ChatMessageRow.__table__.alias("asked"), ChatMessageRow.__table__.alias("answer")  # type: ignore[attr-defined]
    query = (
        select(asked.c.id)
        # Answers stand one position behind their question.
        .join(
            answer, (answer.c.session_id == asked.c.session_id) & (answer.c.position == asked.c.position + 1)
        )
        .where(asked.c.role == "user", asked.c.content.in_(questions))
        .where(answer.c.role == "assistant", answer.c.model.in_(models), answer.c.content != "")
        .limit(1)
    )
    return (await session.execute(query)).first() is not None


async def configs_that_made(
    session: AsyncSession, kind: str, training_ids: Collection[str]
) -> Sequence[Mapping[str, Any]]:
    """Settings of the jobs that have made an artifact of that kind of these trainings."""
    query = (
        select(col(JobRow.config))
        .join(ArtifactRow, col(ArtifactRow.job_id) == col(JobRow.id))
        .where(col(ArtifactRow.kind) == kind, col(JobRow.state) == JobState.COMPLETED)
        .where(col(JobRow.inputs)["training_job_id"].astext.in_(training_ids))
        .limit(_MOST)
    )
    return (await session.scalars(query)).all()


async def was_backed_up(session: AsyncSession, since: datetime) -> bool:
    """Whether a backup holds a moment since then."""
    query = select(col(BackupRow.id)).where(col(BackupRow.made_at) >= since).limit(1)
    return (await session.execute(query)).first() is not None


async def ticks_of(session: AsyncSession, courses: Collection[str]) -> Sequence[CourseTickRow]:
    """What is kept of these courses."""
    return (await session.scalars(select(CourseTickRow).where(col(CourseTickRow.course).in_(courses)))).all()


async def keep_ticks(
    session: AsyncSession, course: str, goals: Collection[str], by: str, at: datetime
) -> None:
    """Keep what is not kept yet."""
    if not goals:
        return
    rows = [{"course": course, "goal": goal, "by": by, "ticked_at": at} for goal in goals]
    await session.execute(insert(CourseTickRow).values(rows).on_conflict_do_nothing())


async def forget_tick(session: AsyncSession, course: str, goal: str) -> None:
    """Take a tick back, if it is there."""
    await session.execute(
        delete(CourseTickRow).where(col(CourseTickRow.course) == course, col(CourseTickRow.goal) == goal)
    )
