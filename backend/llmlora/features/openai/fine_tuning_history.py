"""What happened in all jobs of a chain: events and checkpoints, newest first, in SQL."""

from collections.abc import Sequence

from sqlalchemy import literal, or_, select, text, tuple_
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from llmlora.contracts.events import JobEvent
from llmlora.contracts.states import JobState
from llmlora.engine.jobs.event_store import CHECKPOINT, event_of
from llmlora.features.openai.fine_tuning_chains import Chain
from llmlora.features.openai.fine_tuning_errors import CursorUnknownError
from llmlora.features.openai.fine_tuning_views import CHECKPOINT_PREFIX, EVENT_PREFIX
from llmlora.kit.db import one_page
from llmlora.tables.artifact import ArtifactRow
from llmlora.tables.event import EventRow
from llmlora.tables.metric_point import MetricPointRow

# In the words of the index `ix_event_history`.
_SHOWN = text("type IN ('state', 'metrics', 'log', 'checkpoint')")


async def page_events(
    session: AsyncSession, chain: Chain, *, after: str | None, limit: int
) -> list[JobEvent]:
    """Events behind the one of id `after`.

    Raises:
        CursorUnknownError: no job of the chain has that event.
    """
    seen = await _event(session, chain, after) if after is not None else None
    # Of each job no more than a page: an index gives them in this order, and no sort reads a whole training.
    found = [row for job_id in chain.jobs for row in await _newest(session, chain, job_id, seen, limit)]
    found.sort(key=lambda row: (row.at, row.job_id, row.seq), reverse=True)
    return [event_of(row) for row in found[:limit]]


async def _newest(
    session: AsyncSession, chain: Chain, job_id: str, seen: EventRow | None, limit: int
) -> Sequence[EventRow]:
    """The newest events of one job that come, in the order of all, behind `seen`."""
    # What a line of a step says, the event of its figures says as well.
    is_told_twice = (col(EventRow.type) == "log") & col(EventRow.body)["step"].astext.is_not(None)
    wanted = select(EventRow).where(col(EventRow.job_id) == job_id, _SHOWN, ~is_told_twice)
    if job_id != chain.root.id:
        # Stages wait for one another from the beginning; only of the first it says something that they do.
        is_waiting = col(EventRow.body)["state"].astext == JobState.PENDING.value
        wanted = wanted.where(or_(col(EventRow.type) != "state", ~is_waiting))
    if seen is not None:
        at, seq = col(EventRow.at), col(EventRow.seq)
        if job_id == seen.job_id:
            wanted = wanted.where(tuple_(at, seq) < tuple_(literal(seen.at), literal(seen.seq)))
        else:
            wanted = wanted.where(at <= seen.at if job_id < seen.job_id else at < seen.at)
    newest = wanted.order_by(col(EventRow.at).desc(), col(EventRow.seq).desc()).limit(limit)
    return (await session.scalars(newest)).all()


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
    behind = None
    if after is not None:
        seen = await session.get(ArtifactRow, after.removeprefix(CHECKPOINT_PREFIX))
        if seen is None or seen.job_id not in trainings:
            raise CursorUnknownError("after", given=after)
        behind = (seen.created_at, seen.id)
    return (await session.scalars(one_page(wanted, *keys, behind=behind, limit=limit))).all()


async def measured_at(session: AsyncSession, rows: Sequence[ArtifactRow]) -> dict[str, dict[str, float]]:
    """The losses at each checkpoint's own step, by the checkpoint's id."""
    point = tuple_(col(MetricPointRow.job_id), col(MetricPointRow.name), col(MetricPointRow.step))
    wanted = [(row.job_id, name, row.step or 0) for row in rows for name in ("train/loss", "eval/loss")]
    found = await session.scalars(select(MetricPointRow).where(point.in_(wanted)))
    measured: dict[tuple[str, int], dict[str, float]] = {}
    for one in found:
        measured.setdefault((one.job_id, one.step), {})[one.name] = one.value
    return {row.id: measured.get((row.job_id, row.step or 0), {}) for row in rows}


async def _event(session: AsyncSession, chain: Chain, event_id: str) -> EventRow:
    job_id, _, seq = event_id.removeprefix(EVENT_PREFIX).rpartition("-")
    number = int(seq) if seq.isascii() and seq.isdigit() and len(seq) < 19 else 0
    row = await session.get(EventRow, (job_id, number)) if job_id in chain.jobs else None
    if row is None:
        raise CursorUnknownError("after", given=event_id)
    return row
