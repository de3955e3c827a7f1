"""Datasets in SQL."""

from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from llmlora.tables.dataset import DatasetRow


async def find_same(
    session: AsyncSession, original_sha256: str, kind: str, mapping: dict[str, str]
) -> DatasetRow | None:
    """The dataset of the same bytes, read the same way."""
    wanted = select(DatasetRow).where(
        col(DatasetRow.original_sha256) == original_sha256,
        col(DatasetRow.kind) == kind,
        col(DatasetRow.mapping) == mapping,
    )
    return (await session.scalars(wanted)).first()


async def await_turn(session: AsyncSession, original_sha256: str) -> None:
    """Wait until no other transaction adds the same bytes."""
    key = int.from_bytes(bytes.fromhex(original_sha256)[:8], "big", signed=True)
    await session.execute(select(func.pg_advisory_xact_lock(key)))


async def find_by_prefix(session: AsyncSession, beginning: str, limit: int) -> Sequence[DatasetRow]:
    """Datasets whose id begins so."""
    found = await session.scalars(
        select(DatasetRow).where(col(DatasetRow.id).startswith(beginning, autoescape=True)).limit(limit)
    )
    return found.all()


async def list_newest_first(session: AsyncSession, limit: int) -> Sequence[DatasetRow]:
    """The newest datasets."""
    found = await session.scalars(
        select(DatasetRow).order_by(col(DatasetRow.created_at).desc(), col(DatasetRow.id)).limit(limit)
    )
    return found.all()


async def keep(session: AsyncSession, row: DatasetRow) -> None:
    """Store a new dataset."""
    session.add(row)
    await session.flush()


async def remove(session: AsyncSession, row: DatasetRow) -> None:
    """Forget a dataset."""
    await session.delete(row)
    await session.flush()
