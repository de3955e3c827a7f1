"""Events in PostgreSQL: numbered without gaps under the job's row lock, folded into the job's snapshot as they come.

Guarantee: after a commit, event `n` of a job is visible only together with all events before it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Select, String, bindparam, delete, func, insert, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from llmlora.contracts.events import (
    Artifact,
    Checkpoint,
    JobEvent,
    JobEventBody,
    MetricBatch,
    Progress,
    Report,
    StateChange,
)
from llmlora.kit.clock import utc_now
from llmlora.kit.ids import new_id
from llmlora.tables.artifact import ArtifactRow
from llmlora.tables.event import EventRow
from llmlora.tables.job import JobRow
from llmlora.tables.metric_point import MetricPointRow

CHECKPOINT = "checkpoint"


@dataclass(frozen=True)
class Fact:
    """An event before it has its number. `src_seq` None: the platform's own."""

    at: datetime
    body: JobEventBody
    src_seq: int | None = None


def storable(value: Any) -> Any:
    """The JSON value without the character NUL, which a child's last words may hold and PostgreSQL refuses."""
    match value:
        case str():
            return value.replace("\x00", "\N{REPLACEMENT CHARACTER}")
        case dict():
            return {storable(key): storable(one) for key, one in value.items()}
        case list():
            return [storable(one) for one in value]
        case _:
            return value


async def append_facts(session: AsyncSession, job: JobRow, facts: Sequence[Fact]) -> None:
    """Number and store facts of a job whose row this transaction has locked, and fold them into the row."""
    rows, points = [], {}
    lost: dict[str, Any] = {}
    for seq, fact in enumerate(facts, job.head_seq + 1):
        rows.append(
            {
                "job_id": job.id,
                "seq": seq,
                "epoch": job.epoch,
                "src_seq": fact.src_seq,
                "at": fact.at,
                "type": fact.body.type,
                "body": storable(fact.body.model_dump(mode="json")),
            }
        )
        if isinstance(fact.body, MetricBatch):
            for name, value in fact.body.values.items():
                points[name, fact.body.step] = {"value": value, "at": fact.at}
                lost.pop(name, None)
            for name, word in fact.body.not_finite.items():
                lost[name] = {"step": fact.body.step, "value": None, "not_finite": word}
        else:
            await _fold(session, job, fact)
    if rows:
        await session.execute(insert(EventRow), rows)
        job.head_seq += len(rows)
        job.src_head = max([job.src_head, *(f.src_seq for f in facts if f.src_seq is not None)])
    await _store_points(session, job, points)
    if lost:  # no point of a curve, but the newest that is known of it
        job.latest_metrics = {**job.latest_metrics, **storable(lost)}


async def append_state(
    session: AsyncSession, job: JobRow, change: StateChange, *, moment: datetime | None = None
) -> None:
    """Store the platform's own fact that a locked job has changed its state."""
    await append_facts(session, job, [Fact(moment or utc_now(), change)])


async def read_events(
    session: AsyncSession, job_id: str, *, after: int, limit: int, types: Sequence[str] = ()
) -> list[JobEvent]:
    """The next events of a job (of these types, or of all), in order."""
    wanted = _of_types(job_id, types).where(col(EventRow.seq) > after)
    return [event_of(row) for row in await session.scalars(wanted.order_by(col(EventRow.seq)).limit(limit))]


async def read_tail(
    session: AsyncSession, job_id: str, *, before: int | None, limit: int, types: Sequence[str] = ()
) -> list[JobEvent]:
    """The last events of a job (of these types, or of all) that come before a number, in order."""
    wanted = _of_types(job_id, types)
    if before is not None:
        wanted = wanted.where(col(EventRow.seq) < before)
    newest = wanted.order_by(col(EventRow.seq).desc()).limit(limit)
    return [event_of(row) for row in reversed((await session.scalars(newest)).all())]


def event_of(row: EventRow) -> JobEvent:
    """An event as readers see it."""
    return JobEvent.model_validate(
        {"job_id": row.job_id, "seq": row.seq, "epoch": row.epoch, "at": row.at, "body": row.body}
    )


def _of_types(job_id: str, types: Sequence[str]) -> Select[EventRow]:
    wanted = select(EventRow).where(col(EventRow.job_id) == job_id)
    if len(types) == 1:  # an equation lets the index give them in order
        return wanted.where(col(EventRow.type) == types[0])
    return wanted.where(col(EventRow.type).in_(types)) if types else wanted


async def _fold(session: AsyncSession, job: JobRow, fact: Fact) -> None:
    match fact.body:
        case Progress():
            job.progress = storable(fact.body.model_dump(mode="json", exclude={"type"}))
        case Report(name=name, body=body):
            job.reports = {**job.reports, **storable({name: body})}
        case Checkpoint() | Artifact():
            session.add(_artifact_row(job, fact.body))
        case _:
            pass


async def _store_points(
    session: AsyncSession, job: JobRow, points: dict[tuple[str, int], dict[str, Any]]
) -> None:
    if not points:
        return
    rows = [
        {"job_id": job.id, "name": name, "step": step, "epoch": job.epoch, **point}
        for (name, step), point in points.items()
    ]
    new = upsert(MetricPointRow)
    await session.execute(
        new.on_conflict_do_update(
            index_elements=["job_id", "name", "step"],
            set_={"value": new.excluded.value, "epoch": new.excluded.epoch, "at": new.excluded.at},
        ),
        rows,
    )
    steps = [step for _, step in points]
    await roll_up(session, job.id, {name for name, _ in points}, min(steps), max(steps))
    newest = {name: {"step": step, "value": point["value"]} for (name, step), point in sorted(points.items())}
    job.latest_metrics = {**job.latest_metrics, **newest}


async def roll_up(session: AsyncSession, job_id: str, names: Iterable[str], low: int, high: int) -> None:
    """Sum up the points of some curves anew, where their steps lie from `low` to `high` (`MetricBucketRow`)."""
    curves = bindparam("curves", sorted(names), ARRAY(String))
    await session.execute(select(func.roll_up_points(job_id, curves, low, high)))


def _artifact_row(job: JobRow, body: Checkpoint | Artifact) -> ArtifactRow:
    is_checkpoint = isinstance(body, Checkpoint)
    return ArtifactRow(
        id=new_id("art"),
        job_id=job.id,
        epoch=job.epoch,
        kind=CHECKPOINT if isinstance(body, Checkpoint) else body.kind,
        name=Path(body.path).name if isinstance(body, Checkpoint) else body.name,
        path=body.path,
        sha256=body.sha256,
        size_bytes=body.size_bytes,
        step=body.step if isinstance(body, Checkpoint) else None,
        facts={} if is_checkpoint else storable(dict(getattr(body, "facts", {}))),
        created_at=utc_now(),
    )


async def checkpoints_of(session: AsyncSession, job_id: str) -> list[ArtifactRow]:
    """A job's checkpoints, the newest first."""
    found = await session.scalars(
        select(ArtifactRow)
        .where(col(ArtifactRow.job_id) == job_id, col(ArtifactRow.kind) == CHECKPOINT)
        .order_by(col(ArtifactRow.epoch).desc(), col(ArtifactRow.step).desc())
    )
    return list(found.all())


async def forget_checkpoints(session: AsyncSession, job_id: str) -> None:
    """Delete the rows of all of a job's checkpoints."""
    await session.execute(
        delete(ArtifactRow).where(col(ArtifactRow.job_id) == job_id, col(ArtifactRow.kind) == CHECKPOINT)
    )


async def forget_pruned_checkpoints(session: AsyncSession, job_id: str, data_dir: Path) -> None:
    """Delete the rows of checkpoints whose directories the run has removed to save room."""
    for row in await checkpoints_of(session, job_id):
        if not (data_dir / row.path).is_dir():
            await session.delete(row)
    await session.flush()
