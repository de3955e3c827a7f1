"""SQL of names, tags and notes. Flushes, never commits."""

from collections.abc import Collection
from typing import Any, cast

from sqlalchemy import func, literal, select, union_all
from sqlalchemy.ext.asyncio import AsyncSession

from llmlora.features.labels.things import THINGS, ThingKind
from llmlora.tables.labelled import Labelled


async def lock(session: AsyncSession, kind: ThingKind, id_: str) -> Labelled | None:
    """The row of a thing as it is now; nobody else changes it until the transaction ends."""
    return await session.get(THINGS[kind].table, id_, with_for_update=True, populate_existing=True)


async def count_tags(
    session: AsyncSession, kinds: Collection[ThingKind], limit: int
) -> list[tuple[str, ThingKind, int]]:
    """How many things of each kind have each tag, the most used first."""
    used = union_all(
        *(
            select(literal(kind).label("kind"), func.unnest(THINGS[kind].column("tags")).label("tag"))
            for kind in kinds
        )
    ).subquery()
    counted = (
        select(used.c.tag, used.c.kind, func.count())
        .group_by(used.c.tag, used.c.kind)
        .order_by(func.count().desc(), used.c.tag, used.c.kind)
    )
    found = await session.execute(counted.limit(limit))
    return [cast(Any, tuple(row)) for row in found]
