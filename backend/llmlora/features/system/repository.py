"""What the database knows about itself, the queue and the workers."""

from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from llmlora.contracts.states import JobState
from llmlora.tables.job import JobRow
from llmlora.tables.worker import WorkerRow

ALIVE_S = 15.0
WORKERS_LISTED = 100
# Workers that ended long ago say nothing about the machine.
REMEMBERED = timedelta(days=1)


class Worker(NamedTuple):
    """A worker and whether it was heard of lately, by the database's clock."""

    row: WorkerRow
    alive: bool


async def server_version(session: AsyncSession) -> str:
    """PostgreSQL's own version."""
    return str(await session.scalar(text("SHOW server_version"))).partition(" ")[0]


async def migrated_to(session: AsyncSession) -> str | None:
    """The migration that the tables are at; None where there are no tables."""
    if await session.scalar(text("SELECT to_regclass('alembic_version')")) is None:
        return None
    found = await session.scalar(text("SELECT version_num FROM alembic_version"))
    return None if found is None else str(found)


async def count_jobs(session: AsyncSession) -> dict[JobState, int]:
    """How many jobs are in each state."""
    counted = await session.execute(select(col(JobRow.state), func.count()).group_by(col(JobRow.state)))
    found: dict[str, int] = {state: count for state, count in counted}
    return {state: found.get(state, 0) for state in JobState}


async def oldest_queued_s(session: AsyncSession) -> float | None:
    """Seconds since the oldest queued job could have started; None: nothing waits."""
    waiting = select(func.extract("epoch", func.now() - func.min(col(JobRow.next_run_at)))).where(
        col(JobRow.state) == JobState.QUEUED
    )
    seconds = await session.scalar(waiting)
    return None if seconds is None else max(0.0, float(seconds))


async def list_workers(session: AsyncSession) -> list[Worker]:
    """Workers of the last day, the one heard of last first."""
    now: datetime = (await session.execute(select(func.now()))).scalar_one()
    newest = select(WorkerRow).where(col(WorkerRow.seen_at) > now - REMEMBERED)
    rows = await session.scalars(newest.order_by(col(WorkerRow.seen_at).desc()).limit(WORKERS_LISTED))
    return [Worker(row, (now - row.seen_at).total_seconds() <= ALIVE_S) for row in rows]
