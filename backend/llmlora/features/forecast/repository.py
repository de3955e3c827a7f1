"""Speeds that past jobs reached on this machine."""

from sqlalchemy import func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from llmlora.contracts.forecast import PastSpeed
from llmlora.tables.job import JobRow
from llmlora.tables.metric_point import MetricPointRow
from llmlora.tables.worker import WorkerRow

JOBS_LOOKED_AT = 5


async def past_speeds(
    session: AsyncSession, names: list[str], recipe: str, speed: str, device: str, host: str
) -> list[PastSpeed]:
    """The newest jobs with one of these base models (id or reference) that ran here, with the same device wanted.
    `speed`: the curve that tells it.

    A job whose worker is no longer on record counts as ours: one machine is the rule.
    """
    here = or_(col(WorkerRow.host) == host, col(WorkerRow.id).is_(None))
    jobs = (
        select(col(JobRow.id).label("id"))
        .outerjoin(WorkerRow, col(WorkerRow.id) == col(JobRow.worker_id))
        .where(
            col(JobRow.recipe) == recipe,
            col(JobRow.inputs)["base_model"].astext.in_(names),
            col(JobRow.device) == device,
            col(JobRow.started_at).is_not(None),
            here,
        )
        .where(
            select(col(MetricPointRow.job_id))
            .where(col(MetricPointRow.job_id) == col(JobRow.id), col(MetricPointRow.name) == speed)
            .exists()
        )
        .order_by(col(JobRow.created_at).desc())
        .limit(JOBS_LOOKED_AT)
        .subquery()
    )
    median = func.percentile_cont(0.5).within_group(col(MetricPointRow.value))
    speeds = (
        select(col(MetricPointRow.job_id).label("id"), median.label("speed"))
        .where(
            col(MetricPointRow.job_id).in_(select(jobs.c.id)),
            col(MetricPointRow.name) == speed,
            col(MetricPointRow.value) > 0,
        )
        .group_by(col(MetricPointRow.job_id))
        .subquery()
    )
    found = await session.execute(
        select(speeds.c.speed, col(JobRow.config), col(JobRow.device)).join(
            JobRow, col(JobRow.id) == speeds.c.id
        )
    )
    return [PastSpeed(float(speed), config, device_) for speed, config, device_ in found]
