"""What the jobs of a list come to together, those included that no page shows yet."""

from dataclasses import dataclass

from sqlalchemy import ColumnElement, Double, func, literal, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased
from sqlmodel import col

from llmlora.features.jobs.repository import JobFilter, conditions_of
from llmlora.recipes import RECIPES
from llmlora.tables.artifact import ArtifactRow
from llmlora.tables.job import JobRow


@dataclass(frozen=True)
class Totals:
    """`tokens`: that were learned from; a training that another has gone on with counts with that one."""

    by_state: dict[str, int]
    run_time_s: float
    tokens: int
    size_bytes: int


async def totals_of(session: AsyncSession, wanted: JobFilter) -> Totals:
    """How many jobs in each state, how long they ran, what they learned from, what of theirs lies on the disk."""
    shown = conditions_of(wanted)
    ran = func.coalesce(col(JobRow.finished_at), func.now()) - col(JobRow.started_at)
    seconds = func.coalesce(func.sum(func.extract("epoch", ran)), 0)
    counted = select(col(JobRow.state), func.count(), seconds).where(*shown).group_by(col(JobRow.state))
    by_state = (await session.execute(counted)).all()
    size = select(func.coalesce(func.sum(col(ArtifactRow.size_bytes)), 0)).where(
        col(ArtifactRow.job_id).in_(select(col(JobRow.id)).where(*shown)),
        col(ArtifactRow.path).not_like("/%"),
    )
    return Totals(
        by_state={state: count for state, count, _ in by_state},
        run_time_s=float(sum(ran_s for _, _, ran_s in by_state)),
        tokens=await _tokens(session, wanted),
        size_bytes=int(await session.scalar(size) or 0),
    )


async def _tokens(session: AsyncSession, wanted: JobFilter) -> int:
    curves = {metric.name for spec in RECIPES.values() for metric in spec.metrics if metric.unit == "tokens"}
    if not curves:
        return 0
    later = aliased(JobRow)
    is_gone_on_with = select(col(later.id)).where(col(later.resumes_job_id) == col(JobRow.id)).exists()
    learned: ColumnElement[float] = literal(0.0, Double)
    for name in sorted(curves):
        learned += func.coalesce(col(JobRow.latest_metrics)[name]["value"].astext.cast(Double), 0)
    summed = select(func.sum(learned)).where(*conditions_of(wanted), ~is_gone_on_with)
    return round(await session.scalar(summed) or 0)
