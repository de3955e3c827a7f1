"""A deployment that was changed or deleted outside is made again: the same job, on the same adapter, judged anew."""

import asyncio
from pathlib import Path
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from llmlora.contracts.deployment import USUAL_OUTTYPE
from llmlora.contracts.events import ArtifactKind
from llmlora.contracts.states import FINAL_STATES
from llmlora.features.deployments import repository
from llmlora.features.deployments.errors import DeploymentNotFoundError, DeploymentSourceGoneError
from llmlora.features.deployments.targets import TARGETS
from llmlora.features.jobs import repository as jobs
from llmlora.features.jobs.schemas import JobCreate
from llmlora.features.jobs.service import create_job, request_of
from llmlora.kit.db import or_refuse
from llmlora.kit.files import sha256_of_file, sha256_of_tree
from llmlora.recipes import making
from llmlora.tables.job import JobRow


async def deploy_again(
    session: AsyncSession, data_dir: Path, deployment_id: str
) -> tuple[JobRow, list[JobRow]]:
    """The job that makes a deployment again, and the jobs that were made for it: none where it is under way already.

    The deployment keeps its id and its name. Exports that are gone or damaged are made again first.

    Raises:
        DeploymentNotFoundError: there is none with that id.
        DeploymentSourceGoneError: nobody knows any more how it was made.
        AppError: the job cannot be made, see `jobs.planning.Planner.plan`.
    """
    row = or_refuse(
        await repository.find_locked(session, deployment_id), DeploymentNotFoundError, id=deployment_id
    )
    known = None if row.job_id is None else await jobs.find_job(session, row.job_id)
    if known is None:
        raise DeploymentSourceGoneError(name=row.name)
    if known.state not in FINAL_STATES:
        return known, []
    request, made = request_of(known), list[JobRow]()
    sources: dict[str, Any] = {}
    for key in ("export_job_id", "base_export_job_id"):
        export_id = getattr(request, key)
        if export_id is not None and not await _is_whole(session, data_dir, export_id):
            exporting = await _export_again(session, row.target, request, key, export_id)
            again = await create_job(session, data_dir, exporting)
            sources[key] = again[0].id
            made += again
    sources["config"] = TARGETS[row.target].renewal_config(row, request.config)
    begun = await create_job(session, data_dir, request.model_copy(update={**sources, "depends_on": []}))
    row.job_id = begun[0].id
    await session.flush()
    return begun[0], [*made, *begun]


async def _is_whole(session: AsyncSession, data_dir: Path, export_id: str) -> bool:
    for found in await jobs.artifacts_of(session, export_id):
        path = data_dir / found.path
        read = sha256_of_tree if path.is_dir() else sha256_of_file
        if path.exists() and await asyncio.to_thread(read, path) == found.sha256:
            return True
    return False


async def _export_again(
    session: AsyncSession, target_name: str, request: JobCreate, key: str, export_id: str
) -> JobCreate:
    """What makes a GGUF anew; where its job was deleted, in the form that the deployment was asked for."""
    job = await jobs.find_job(session, export_id)
    if job is not None:
        return request_of(job).model_copy(update={"depends_on": []})
    is_base = key == "base_export_job_id"
    is_merged = TARGETS[target_name].merges(request.config)
    target = "base" if is_base else "merged" if is_merged else "adapter"
    return JobCreate(
        recipe=making(ArtifactKind.GGUF).name,
        name=request.name,
        base_model=request.base_model,
        training_job_id=None if is_base else request.training_job_id,
        config={"target": target, "outtype": USUAL_OUTTYPE},
    )
