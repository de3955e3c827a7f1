"""Rows of jobs as the wire shows them."""

from pathlib import PurePosixPath
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from llmlora.contracts.events import Failure
from llmlora.contracts.states import JobState
from llmlora.features.jobs import repository
from llmlora.features.jobs.repository import ListedJob
from llmlora.features.jobs.schemas import (
    ArtifactOut,
    ExtremesOut,
    JobDetail,
    JobInputs,
    JobOut,
    JobProgress,
    LatestMetric,
    ListedJobOut,
    ProgressOut,
)
from llmlora.tables.artifact import ArtifactRow
from llmlora.tables.job import JobRow


def job_out(job: JobRow) -> JobOut:
    """A job alone."""
    return JobOut(**_common(job), metadata=_metadata(job))


def listed_out(listed: ListedJob) -> ListedJobOut:
    """A job of a list."""
    return ListedJobOut(
        **_common(listed.job),
        metadata=listed.metadata,
        extremes={name: ExtremesOut(min=one.min, max=one.max) for name, one in listed.extremes.items()},
        dataset_rows=listed.dataset_rows,
        base_reference=listed.base_reference,
    )


async def job_detail(session: AsyncSession, job: JobRow) -> JobDetail:
    """A job with its chain, its artifacts and its reports."""
    return JobDetail(
        **_common(job),
        metadata=_metadata(job),
        depends_on=await repository.dependencies_of(session, job.id),
        stages=await repository.stages_of(session, job),
        artifacts=[artifact_out(row) for row in await repository.artifacts_of(session, job.id)],
        reports=job.reports,
        evaluation_id=await repository.evaluation_of(session, job.id),
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


def _metadata(job: JobRow) -> dict[str, str]:
    return dict(job.facts.get("metadata", {}))


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
        "tags": job.tags,
        "note": job.note,
        "created_at": job.created_at,
        "started_at": job.started_at,
        "finished_at": job.finished_at,
        "next_run_at": job.next_run_at if job.state == JobState.QUEUED else None,
    }
