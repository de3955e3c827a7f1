"""SQL of evaluations. Flushes, never commits."""

from datetime import datetime
from typing import Any, NamedTuple, cast

from sqlalchemy import Select, delete, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import defer
from sqlmodel import col

from llmlora.kit.db import one_page
from llmlora.tables.artifact import ArtifactRow
from llmlora.tables.dataset import DatasetRow
from llmlora.tables.evaluation import EvaluationRow
from llmlora.tables.job import JobRow


class Listed(NamedTuple):
    """An evaluation with the names of what it is of."""

    row: EvaluationRow
    job_name: str
    recipe: str
    dataset_name: str | None


async def keep(session: AsyncSession, row: EvaluationRow) -> None:
    """Store a job's evaluation; what the same job has found before goes."""
    await session.execute(delete(EvaluationRow).where(col(EvaluationRow.job_id) == row.job_id))
    session.add(row)
    await session.flush()


async def is_dataset(session: AsyncSession, dataset_id: str) -> bool:
    """Whether the data set is still there."""
    found = select(col(DatasetRow.id)).where(col(DatasetRow.id) == dataset_id)
    return await session.scalar(found) is not None


async def find(session: AsyncSession, evaluation_id: str) -> Listed | None:
    """The evaluation of an id."""
    found = (await session.execute(_named().where(col(EvaluationRow.id) == evaluation_id))).one_or_none()
    return None if found is None else Listed(*found)


async def list_newest_first(
    session: AsyncSession,
    *,
    dataset_sha256: str | None,
    job_id: str | None,
    after: tuple[datetime, str] | None,
    limit: int,
) -> list[Listed]:
    """Evaluations without their bodies, behind a cursor."""
    query = _named().options(defer(cast(Any, EvaluationRow.body), raiseload=True))
    if dataset_sha256 is not None:
        query = query.where(col(EvaluationRow.dataset_sha256) == dataset_sha256)
    if job_id is not None:
        query = query.where(col(EvaluationRow.job_id) == job_id)
    keys = (col(EvaluationRow.created_at), col(EvaluationRow.id))
    found = await session.execute(one_page(query, *keys, behind=after, limit=limit))
    return [Listed(*one) for one in found.all()]


async def file_of(session: AsyncSession, job_id: str, name: str) -> ArtifactRow | None:
    """The newest artifact of that name that a job has left."""
    query = select(ArtifactRow).where(col(ArtifactRow.job_id) == job_id, col(ArtifactRow.name) == name)
    newest = query.order_by(col(ArtifactRow.epoch).desc(), col(ArtifactRow.created_at).desc()).limit(1)
    return (await session.scalars(newest)).first()


def _named() -> Select[EvaluationRow, str, str, str]:
    return (
        select(EvaluationRow, col(JobRow.name), col(JobRow.recipe), col(DatasetRow.name))
        .join(JobRow, col(JobRow.id) == col(EvaluationRow.job_id))
        .outerjoin(DatasetRow, col(DatasetRow.id) == col(EvaluationRow.dataset_id))
    )
