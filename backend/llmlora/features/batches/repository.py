"""SQL of batches. A batch is a group; every item of it is a chain inside, in which what is run again stays."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from llmlora.contracts.states import GroupKind
from llmlora.kit.clock import utc_now
from llmlora.kit.db import one_page
from llmlora.kit.ids import new_id
from llmlora.tables.job import JobRow
from llmlora.tables.job_group import JobGroupRow


async def keep_batch(
    session: AsyncSession, name: str, *, continue_on_error: bool, metric: str | None
) -> JobGroupRow:
    """Store a batch without items."""
    batch = JobGroupRow(
        id=new_id("grp"),
        kind=GroupKind.BATCH,
        name=name,
        objective=metric,
        continue_on_error=continue_on_error,
        created_at=utc_now(),
    )
    session.add(batch)
    await session.flush()
    return batch


async def keep_item(session: AsyncSession, batch: JobGroupRow, place: int, name: str) -> str:
    """Store the chain of an item; its id, by which items stand in the order of the request."""
    chain = JobGroupRow(
        id=f"{new_id('grp')}_{place:04d}",
        kind=GroupKind.CHAIN,
        name=name,
        parent_id=batch.id,
        created_at=utc_now(),
    )
    session.add(chain)
    await session.flush()
    return chain.id


async def find_batch(session: AsyncSession, batch_id: str, *, lock: bool = False) -> JobGroupRow | None:
    """The batch of an id; `lock`: two who change it come one after the other."""
    wanted = select(JobGroupRow).where(
        col(JobGroupRow.id) == batch_id, col(JobGroupRow.kind) == GroupKind.BATCH
    )
    if lock:
        wanted = wanted.with_for_update().execution_options(populate_existing=True)
    return (await session.scalars(wanted)).first()


async def list_batches(
    session: AsyncSession, *, before: tuple[datetime, str] | None, limit: int
) -> list[JobGroupRow]:
    """Batches, newest first."""
    wanted = select(JobGroupRow).where(col(JobGroupRow.kind) == GroupKind.BATCH)
    keys = (col(JobGroupRow.created_at), col(JobGroupRow.id))
    return list(await session.scalars(one_page(wanted, *keys, behind=before, limit=limit)))


async def chains_of(session: AsyncSession, batch_ids: Sequence[str]) -> dict[str, list[list[JobRow]]]:
    """By batch the jobs of each of its items, both in the order in which they were made."""
    chains: dict[str, dict[str, list[JobRow]]] = {one: {} for one in batch_ids}
    found = await session.execute(
        select(JobRow, col(JobGroupRow.parent_id))
        .join(JobGroupRow, col(JobGroupRow.id) == col(JobRow.group_id))
        .where(col(JobGroupRow.parent_id).in_(batch_ids))
        .order_by(col(JobRow.created_at), col(JobRow.id))
        .execution_options(populate_existing=True)
    )
    for job, batch_id in found:
        chains[batch_id or ""].setdefault(job.group_id, []).append(job)
    return {
        batch_id: [jobs for _, jobs in sorted(its.items(), key=lambda one: one[0][-4:])]
        for batch_id, its in chains.items()
    }
