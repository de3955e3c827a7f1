"""What happened in all jobs of a chain: events and checkpoints, newest first, in SQL."""

from collections.abc import Sequence

from sqlalchemy import literal, or_, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from llmlora.contracts.events import JobEvent
from llmlora.contracts.states import JobState
from llmlora.engine.event_store import CHECKPOINT
from llmlora.features.jobs.repository import points_of
from llmlora.features.openai.fine_tuning_chains import Chain
from llmlora.features.openai.fine_tuning_errors import CursorUnknownError
from llmlora.features.openai.fine_tuning_views import CHECKPOINT_PREFIX, EVENT_PREFIX
from llmlora.tables.artifact import ArtifactRow
from llmlora.tables.event import EventRow

SHOWN = ("state", "metrics", "log", "checkpoint")


async def page_events(
    session: AsyncSession, chain: Chain, *, after: str | None, limit: int
) -> list[JobEvent]:
    """Events behind the one of id `after`.

    Raises:
        CursorUnknownError: no job of the chain has that event.
    """
    keys = (col(EventRow.at), col(EventRow.job_id), col(EventRow.seq))
    # Stages wait for one another from the beginning; only of the first it says something that they do.
    is_waiting = col(EventRow.body)["state"].astext == JobState.PENDING.value
    wanted = select(EventRow).where(
        col(EventRow.job_id).in_(list(chain.jobs)),
        col(EventRow.type).in_(SHOWN),
        or_(col(EventRow.type) != "state", ~is_waiting, col(EventRow.job_id) == chain.root.id),
    )
    if after is not None:
        seen = await _event(session, chain, after)
        place = (literal(seen.at), literal(seen.job_id), literal(seen.seq))
        wanted = wanted.where(tuple_(*keys) < tuple_(*place))
    newest = wanted.order_by(*(key.desc() for key in keys)).limit(limit)
    columns = ("job_id", "seq", "epoch", "at", "body")
    return [
        JobEvent.model_validate({name: getattr(row, name) for name in columns})
        for row in await session.scalars(newest)
    ]


async def page_checkpoints(
    session: AsyncSession, chain: Chain, *, after: str | None, limit: int
) -> Sequence[ArtifactRow]:
    """Checkpoints behind the one of id `after`.

    Raises:
        CursorUnknownError: no training of the chain has that checkpoint.
    """
    keys = (col(ArtifactRow.created_at), col(ArtifactRow.id))
    trainings = [job.id for job in chain.trainings]
    wanted = select(ArtifactRow).where(
        col(ArtifactRow.job_id).in_(trainings), col(ArtifactRow.kind) == CHECKPOINT
    )
    if after is not None:
        seen = await session.get(ArtifactRow, after.removeprefix(CHECKPOINT_PREFIX))
        if seen is None or seen.job_id not in trainings:
            raise CursorUnknownError("after", given=after)
        wanted = wanted.where(tuple_(*keys) < tuple_(literal(seen.created_at), literal(seen.id)))
    return (await session.scalars(wanted.order_by(*(key.desc() for key in keys)).limit(limit))).all()


async def measured_at(session: AsyncSession, row: ArtifactRow) -> dict[str, float]:
    """The metrics of a checkpoint's own step."""
    step = row.step or 0
    points = await points_of(session, row.job_id, ("train/loss", "eval/loss"), step, step)
    return {name: value for name, _, value in points}


async def _event(session: AsyncSession, chain: Chain, event_id: str) -> EventRow:
    job_id, _, seq = event_id.removeprefix(EVENT_PREFIX).rpartition("-")
    number = int(seq) if seq.isascii() and seq.isdigit() and len(seq) < 19 else 0
    row = await session.get(EventRow, (job_id, number)) if job_id in chain.jobs else None
    if row is None:
        raise CursorUnknownError("after", given=event_id)
    return row
