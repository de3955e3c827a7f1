"""Datasets in the order of OpenAI's lists."""

from collections.abc import Sequence
from typing import Literal

from sqlalchemy import literal, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from llmlora.tables.dataset import DatasetRow

Order = Literal["asc", "desc"]


async def page_datasets(
    session: AsyncSession, *, after: DatasetRow | None, order: Order, limit: int
) -> Sequence[DatasetRow]:
    """Datasets behind `after`, by creation."""
    keys = (col(DatasetRow.created_at), col(DatasetRow.id))
    wanted = select(DatasetRow).order_by(*(key.desc() if order == "desc" else key.asc() for key in keys))
    if after is not None:
        place, seen = tuple_(*keys), tuple_(literal(after.created_at), literal(after.id))
        wanted = wanted.where(place < seen if order == "desc" else place > seen)
    return (await session.scalars(wanted.limit(limit))).all()
