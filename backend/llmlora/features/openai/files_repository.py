"""Datasets in the order of OpenAI's lists."""

from collections.abc import Sequence
from typing import Literal

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from llmlora.kit.db import one_page
from llmlora.tables.dataset import DatasetRow

Order = Literal["asc", "desc"]


async def page_datasets(
    session: AsyncSession, *, after: DatasetRow | None, order: Order, limit: int
) -> Sequence[DatasetRow]:
    """Datasets behind `after`, by creation."""
    keys = (col(DatasetRow.created_at), col(DatasetRow.id))
    behind = None if after is None else (after.created_at, after.id)
    newest_first = order == "desc"
    wanted = one_page(select(DatasetRow), *keys, behind=behind, limit=limit, newest_first=newest_first)
    return (await session.scalars(wanted)).all()
