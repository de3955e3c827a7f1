"""Rows of jobs as the wire shows them."""

from pathlib import PurePosixPath
from typing import Any

import numpy as np
from sqlalchemy.ext.asyncio import AsyncSession
from tsdownsample import MinMaxDownsampler

from llmlora.contracts.events import Failure
from llmlora.contracts.states import JobState
from llmlora.features.jobs import repository
from llmlora.features.jobs.schemas import (
    ArtifactOut,
    JobDetail,
    JobInputs,
    JobOut,
    JobProgress,
    JobStage,
    LatestMetric,
    MetricsOut,
    ProgressOut,
    Series,
)
from llmlora.tables.artifact import ArtifactRow
from llmlora.tables.job import JobRow

# The down-sampler wants an even number of buckets' ends, and fewer than there are points.
LEAST_WIDTH = 4


def job_out(job: JobRow) -> JobOut:
    """A job for lists."""
    return JobOut(**_common(job))


async def job_detail(session: AsyncSession, job: JobRow) -> JobDetail:
    """A job with its chain, its artifacts and its reports."""
    chain = await repository.jobs_of_group(session, job.group_id) if job.group_id else []
    return JobDetail(
        **_common(job),
        depends_on=await repository.dependencies_of(session, job.id),
        stages=[_stage(step) for step in chain],
        artifacts=[artifact_out(row) for row in await repository.artifacts_of(session, job.id)],
        reports=job.reports,
    )


def job_progress(job: JobRow) -> JobProgress:
    """What a poll needs."""
    keys = ("state", "desired", "progress", "latest_metrics", "failure", "head_seq")
    common = _common(job)
    return JobProgress(**{key: common[key] for key in keys})


def artifact_out(row: ArtifactRow) -> ArtifactOut:
    """An artifact, with the address of its bytes when they lie below the data root."""
    inside = not PurePosixPath(row.path).is_absolute()
    return ArtifactOut(
        **row.model_dump(), download_url=f"/api/artifacts/{row.id}/download" if inside else None
    )


async def metrics_out(
    session: AsyncSession, job: JobRow, names: list[str], *, width: int, first: int, last: int | None
) -> MetricsOut:
    """Curves of at most about `width` points that keep every minimum and maximum (MinMax, tsdownsample)."""
    curves: dict[str, tuple[list[int], list[float]]] = {}
    for name, step, value in await repository.points_of(session, job.id, names, first, last):
        steps, values = curves.setdefault(name, ([], []))
        steps.append(step)
        values.append(value)
    series = {name: _thinned(steps, values, width) for name, (steps, values) in curves.items()}
    return MetricsOut(series=series, head_seq=job.head_seq)


def _thinned(steps: list[int], values: list[float], width: int) -> Series:
    total = len(steps)
    if total <= max(width, LEAST_WIDTH):
        return Series(steps=steps, values=values, total=total)
    points = max(LEAST_WIDTH, width - width % 2)
    x, y = np.asarray(steps, dtype=np.int64), np.asarray(values, dtype=np.float64)
    chosen = MinMaxDownsampler().downsample(x, y, n_out=points)
    kept = sorted({0, *map(int, chosen), total - 1})
    return Series(steps=[steps[i] for i in kept], values=[values[i] for i in kept], total=total)


def _common(job: JobRow) -> dict[str, Any]:
    return {
        "id": job.id,
        "name": job.name,
        "recipe": job.recipe,
        "state": JobState(job.state),
        "desired": job.desired,
        "config": job.config,
        "inputs": JobInputs.model_validate(job.inputs),
        "device": job.device,
        "threads": job.cpus or None,
        "priority": job.priority,
        "attempt": job.attempt,
        "epoch": job.epoch,
        "head_seq": job.head_seq,
        "progress": ProgressOut.model_validate(job.progress) if job.progress else None,
        "latest_metrics": {k: LatestMetric.model_validate(v) for k, v in job.latest_metrics.items()},
        "failure": Failure.model_validate(job.failure) if job.failure else None,
        "forecast": job.forecast,
        "resumes_job_id": job.resumes_job_id,
        "group_id": job.group_id,
        "metadata": job.facts.get("metadata", {}),
        "created_at": job.created_at,
        "started_at": job.started_at,
        "finished_at": job.finished_at,
        "next_run_at": job.next_run_at if job.state == JobState.QUEUED else None,
    }


def _stage(job: JobRow) -> JobStage:
    common = _common(job)
    return JobStage(**{key: common[key] for key in ("id", "recipe", "state", "progress", "failure")})
