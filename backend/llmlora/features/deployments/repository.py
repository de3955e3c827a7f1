"""SQL of deployments. Flushes, never commits."""

from collections.abc import Collection, Mapping
from datetime import datetime

from sqlalchemy import ColumnElement, Select, func, select, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from llmlora.features.labels.things import tagged
from llmlora.kit.db import one_page
from llmlora.tables.base_model import BaseModelRow
from llmlora.tables.deployment import DeploymentRow
from llmlora.tables.job import JobRow

# Any number that no other part of the program locks by: it serialises proposals, so that names stay unique.
PROPOSALS_LOCK = 0x6465_706C


async def lock_proposals(session: AsyncSession) -> None:
    """Let other proposals wait until this transaction ends."""
    await session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": PROPOSALS_LOCK})


async def find_by_job(session: AsyncSession, job_id: str) -> DeploymentRow | None:
    """The row a job made, locked until the transaction ends."""
    query = select(DeploymentRow).where(col(DeploymentRow.job_id) == job_id).with_for_update()
    return (await session.execute(query.execution_options(populate_existing=True))).scalar_one_or_none()


async def find_by_training_job(session: AsyncSession, training_job_id: str) -> DeploymentRow | None:
    """The newest row of what a training made."""
    query = select(DeploymentRow).where(col(DeploymentRow.training_job_id) == training_job_id)
    return (await session.scalars(query.order_by(col(DeploymentRow.created_at).desc()).limit(1))).first()


async def find_locked(session: AsyncSession, deployment_id: str) -> DeploymentRow | None:
    """The row with that id, locked until the transaction ends."""
    return await session.get(DeploymentRow, deployment_id, with_for_update=True, populate_existing=True)


async def find_by_name_or_id(session: AsyncSession, name: str) -> DeploymentRow | None:
    """The row of that name (the ready one, else the newest), else the one with that id."""
    query = select(DeploymentRow).where((col(DeploymentRow.name) == name) | (col(DeploymentRow.id) == name))
    is_named, is_ready = col(DeploymentRow.name) == name, col(DeploymentRow.state) == "ready"
    best = query.order_by(is_named.desc(), is_ready.desc(), col(DeploymentRow.created_at).desc()).limit(1)
    return (await session.execute(best)).scalar_one_or_none()


async def list_named(session: AsyncSession, name: str) -> list[DeploymentRow]:
    """All rows of that name in any letter case (Ollama does not tell them apart), locked until the transaction ends."""
    query = select(DeploymentRow).where(func.lower(col(DeploymentRow.name)) == name.lower())
    locked = query.with_for_update().execution_options(populate_existing=True)
    return list((await session.scalars(locked)).all())


async def list_judged(session: AsyncSession, target: str) -> list[DeploymentRow]:
    """Rows of a target that are being checked, or that their gates rejected."""
    judged = col(DeploymentRow.state) == "checking"
    red = (col(DeploymentRow.state) == "rejected") & col(DeploymentRow.gates).is_not(None)
    query = select(DeploymentRow).where(col(DeploymentRow.target) == target, judged | red)
    return list((await session.scalars(query)).all())


async def known_jobs(session: AsyncSession, ids: Collection[str]) -> set[str]:
    """Those of the ids that are jobs of this installation."""
    return set((await session.scalars(select(col(JobRow.id)).where(col(JobRow.id).in_(ids)))).all())


async def is_name_taken(session: AsyncSession, name: str) -> bool:
    """Whether a row has that name."""
    found = select(func.count()).select_from(DeploymentRow).where(col(DeploymentRow.name) == name)
    return bool((await session.execute(found)).scalar_one())


async def count(session: AsyncSession, equal: Mapping[str, str]) -> int:
    """How many rows there are whose columns equal `equal`, `tag` being one of its tags."""
    matching = select(func.count()).where(*_equal(equal)).select_from(DeploymentRow)
    return await session.scalar(matching) or 0


async def insert(session: AsyncSession, row: DeploymentRow) -> None:
    """Add a row."""
    session.add(row)
    await session.flush()


async def delete(session: AsyncSession, row: DeploymentRow) -> None:
    """Remove a row."""
    await session.delete(row)
    await session.flush()


async def find_with_base(
    session: AsyncSession, deployment_id: str
) -> tuple[DeploymentRow, str | None] | None:
    """The row with that id and the reference of its base model."""
    query = _with_base().where(col(DeploymentRow.id) == deployment_id)
    found = (await session.execute(query)).one_or_none()
    return None if found is None else (found[0], found[1])


async def list_newest_first(
    session: AsyncSession, equal: Mapping[str, str], *, after: tuple[datetime, str] | None, limit: int
) -> list[tuple[DeploymentRow, str | None]]:
    """Rows whose columns equal `equal`, with their base models' references, newest first, behind a cursor."""
    query = _with_base().where(*_equal(equal))
    keys = (col(DeploymentRow.created_at), col(DeploymentRow.id))
    found = await session.execute(one_page(query, *keys, behind=after, limit=limit))
    return [(row, reference) for row, reference in found.all()]


def _equal(equal: Mapping[str, str]) -> list[ColumnElement[bool]]:
    same = [getattr(DeploymentRow, column) == value for column, value in equal.items() if column != "tag"]
    return [*same, *tagged("deployment", equal.get("tag"))]


def _with_base() -> Select[DeploymentRow, str | None]:
    return select(DeploymentRow, col(BaseModelRow.reference)).outerjoin(
        BaseModelRow, col(BaseModelRow.id) == col(DeploymentRow.base_model_id)
    )
