"""Jobs: created as chains, cancelled, resumed, duplicated, deleted. Callers bring the transaction and publish after it."""

import asyncio
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from llmlora.contracts.events import PRODUCTS
from llmlora.contracts.forecast import Forecast
from llmlora.contracts.states import FINAL_STATES, STATE_WORDS, JobState
from llmlora.engine.jobs.event_store import checkpoints_of
from llmlora.engine.jobs.queue import CANCEL, cancel_waiting
from llmlora.features.forecast.service import expect
from llmlora.features.jobs import repository
from llmlora.features.jobs.automatic import decided, is_undecided
from llmlora.features.jobs.chains import follow_with_deployment
from llmlora.features.jobs.errors import (
    JobCompletedError,
    JobInUseError,
    JobNotFoundError,
    JobNotOverError,
    JobOverError,
    JobWithoutAdapterError,
    NothingToResumeError,
)
from llmlora.features.jobs.planning import Planner
from llmlora.features.jobs.references import Reference, read_references, stored_references
from llmlora.features.jobs.resolving import base_of, resolve
from llmlora.features.jobs.schemas import DeployRequest, JobCreate, JobFiles
from llmlora.features.needs.schemas import NeedOut
from llmlora.features.needs.service import delete_unneeded, needs_of_job, sentences
from llmlora.features.recipes.configs import find_recipe
from llmlora.kit.db import Database, or_refuse
from llmlora.kit.files import remove_tree, sha256_of_file, size_freed_by
from llmlora.kit.manifest import first_missing_file
from llmlora.kit.reading import read_aside
from llmlora.tables.artifact import ArtifactRow
from llmlora.tables.job import JobRow


async def create_job(
    session: AsyncSession,
    data_dir: Path,
    request: JobCreate,
    known: Forecast | None = None,
    *,
    foresee: bool = False,
    group_id: str | None = None,
) -> list[JobRow]:
    """Store a job, and with `deploy` its chain; the asked one comes first. It joins the group that is named, else what is
    made of a finished training that of the training. `foresee`: of a training what it will take is reckoned, to be kept
    beside what it took; `known`: it was. What says `auto` becomes what the forecast chooses.

    Raises:
        AppError: as `resolving.resolve`, `planning.Planner.plan` and `chains.follow_with_deployment`.
    """
    asked = await resolve(session, data_dir, request)
    undecided = is_undecided(asked.recipe.name, asked.config) and not (known and known.chosen)
    if undecided or (known is None and foresee and asked.recipe.trains):
        known = await expect(session, data_dir, asked)
    if known is not None and is_undecided(asked.recipe.name, asked.config):
        asked, known = decided(asked, known)
    planner, training = Planner(session, data_dir), asked.training
    is_over = training is not None and training.state == JobState.COMPLETED
    chain = training.group_id if training and is_over else None
    job = await planner.plan(asked, group_id=group_id or chain, forecast=known)
    if request.deploy is not None:
        await follow_with_deployment(planner, job, request.deploy)
    return [job, *(other for other in planner.made if other is not job)]


async def deploy_job(
    session: AsyncSession, data_dir: Path, job_id: str, deploy: DeployRequest
) -> list[JobRow]:
    """Deploy what a finished training has left, in its chain: the deploying job, then the exports that it needs.

    An export that is there, or under way, is used.

    Raises:
        JobNotFoundError: there is none.
        JobNotOverError: it has not ended.
        JobWithoutAdapterError: it trains nothing, has not completed, or its adapter is gone.
        AppError: as `chains.follow_with_deployment`.
    """
    training = await get_job(session, job_id, lock=True)  # two who deploy the same come one after the other
    if training.state not in FINAL_STATES:
        raise JobNotOverError(name=training.name, state=STATE_WORDS[JobState(training.state)])
    made = [one for kind in sorted(PRODUCTS) for one in await repository.artifacts_of(session, job_id, kind)]
    is_there = training.state == JobState.COMPLETED and any((data_dir / one.path).is_dir() for one in made)
    if not is_there or not find_recipe(training.recipe).trains:
        raise JobWithoutAdapterError(name=training.name, state=STATE_WORDS[JobState(training.state)])
    planner = Planner(session, data_dir)
    deploying = await follow_with_deployment(planner, training, deploy)
    return [deploying, *(other for other in planner.made if other is not deploying)]


async def get_job(session: AsyncSession, job_id: str, *, lock: bool = False) -> JobRow:
    """A job by its id.

    Raises:
        JobNotFoundError: there is none.
    """
    return or_refuse(await repository.find_job(session, job_id, lock=lock), JobNotFoundError, job_id=job_id)


async def get_head(session: AsyncSession, job_id: str) -> repository.Head:
    """How far a job is told of.

    Raises:
        JobNotFoundError: there is none.
    """
    return or_refuse(await repository.head_of(session, job_id), JobNotFoundError, job_id=job_id)


async def get_slim_job(session: AsyncSession, job_id: str) -> JobRow:
    """A job without its reports and the facts of its request.

    Raises:
        JobNotFoundError: there is none.
    """
    return or_refuse(await repository.find_slim_job(session, job_id), JobNotFoundError, job_id=job_id)


async def cancel_job(session: AsyncSession, job_id: str, *, keep_checkpoint: bool) -> JobRow:
    """Cancel now what has not begun; ask the worker of a running job to save (or discard) and stop.

    Cancelling what is cancelled, or is being cancelled, changes nothing.

    Raises:
        JobNotFoundError: there is none.
        JobOverError: it has completed or failed.
    """
    job = await get_job(session, job_id, lock=True)
    if job.state == JobState.CANCELLED:
        return job
    if job.state in FINAL_STATES:
        raise JobOverError(name=job.name, state=STATE_WORDS[JobState(job.state)])
    if job.state == JobState.RUNNING:
        job.desired, job.keep_checkpoint = CANCEL, keep_checkpoint
        await session.flush()
    else:
        await cancel_waiting(session, job, reason="by_request")
    await session.refresh(job)
    return job


async def resume_job(session: AsyncSession, data_dir: Path, job_id: str) -> list[JobRow]:
    """A new job that goes on from the last checkpoint of one that failed or was cancelled, with its followers.

    A recipe that does not train begins again.

    Raises:
        JobNotFoundError: there is none.
        JobNotOverError: it has not ended.
        JobCompletedError: it has nothing left to do.
        NothingToResumeError: it trained and left no checkpoint whose files are all there.
    """
    job = await get_job(session, job_id, lock=True)  # nobody deletes it before this resume is seen
    if job.state not in FINAL_STATES:
        raise JobNotOverError(name=job.name, state=STATE_WORDS[JobState(job.state)])
    if job.state == JobState.COMPLETED:
        raise JobCompletedError(name=job.name)
    checkpoint = await newest_checkpoint(session, data_dir, job)
    if checkpoint is None and find_recipe(job.recipe).resumable:
        raise NothingToResumeError(name=job.name)
    # Its config with every default as it was: the checkpoint holds under that one alone.
    own: dict[str, Any] = {"config": dict(job.config), "deploy": None, "depends_on": []}
    request = request_of(job).model_copy(update=own)
    known = Forecast.model_validate(job.forecast) if job.forecast else None
    planner = Planner(session, data_dir)
    resumed = await planner.plan(
        await resolve(session, data_dir, request), group_id=job.group_id, forecast=known
    )
    resumed.resumes_job_id = job.id
    resumed.tags, resumed.note = job.tags, job.note
    if checkpoint is not None:
        await repository.copy_points(session, job.id, resumed, checkpoint.step or 0)
    await session.flush()
    followers = await _follow_again(session, data_dir, job, resumed)
    return [resumed, *(other for other in planner.made if other is not resumed), *followers]


async def duplicate_job(
    session: AsyncSession,
    data_dir: Path,
    job_id: str,
    *,
    name: str | None,
    config: Mapping[str, Any],
    group_id: str | None = None,
) -> list[JobRow]:
    """The same request again, with another name or other settings; in that group, if one is named.

    Raises:
        AppError: as `create_job`.
        JobNotFoundError: there is none.
    """
    job = await get_job(session, job_id)
    request = request_of(job)
    changed = {"config": {**request.config, **config}, "name": name or request.name}
    known = Forecast.model_validate(job.forecast) if job.forecast and not config else None
    return await create_job(session, data_dir, request.model_copy(update=changed), known, group_id=group_id)


async def delete_job(session: AsyncSession, job_id: str) -> JobRow:
    """Forget a job that has ended; its files are the caller's to remove after the commit (`remove_files`).

    Raises:
        JobNotFoundError: there is none.
        JobNotOverError: it has not ended.
        JobInUseError: somebody needs what it made; says who, and what to do.
    """
    job = await get_job(session, job_id, lock=True)
    if job.state not in FINAL_STATES:
        raise JobNotOverError(name=job.name, state=STATE_WORDS[JobState(job.state)])
    await delete_unneeded(
        session,
        job,
        partial(needs_of_job, session, job_id),
        lambda needs: JobInUseError(name=job.name, **sentences(needs)),
    )
    return job


async def remove_files(data_dir: Path, job_id: str) -> int:
    """Delete the directory of a job that is no longer known; the bytes that were freed."""
    return await asyncio.to_thread(remove_tree, data_dir / "jobs" / job_id)


async def files_of(session: AsyncSession, data_dir: Path, job_id: str) -> JobFiles:
    """What deleting a job would free, and who needs it.

    Raises:
        JobNotFoundError: there is none.
    """
    job = await get_job(session, job_id)
    needs = await needs_of_job(session, job.id)
    freed = await asyncio.to_thread(size_freed_by, data_dir / "jobs" / job.id)
    return JobFiles(size_bytes=freed, needs=[NeedOut(**vars(one)) for one in needs])


async def usable_checkpoints(session: AsyncSession, data_dir: Path, job: JobRow) -> list[ArtifactRow]:
    """Checkpoints whose files are all there, the newest first: the job's own, then those of the jobs it resumes.

    None is read here: the run that goes on from one proves it, and passes a broken one over.
    """
    found: list[ArtifactRow] = []
    next_id: str | None = job.id
    while next_id is not None:
        rows = await checkpoints_of(session, next_id)
        missing = await asyncio.gather(
            *(asyncio.to_thread(first_missing_file, data_dir / row.path) for row in rows)
        )
        found += [row for row, name in zip(rows, missing, strict=True) if name is None]
        next_id = await repository.resumed_by(session, next_id)
    return found


async def newest_checkpoint(session: AsyncSession, data_dir: Path, job: JobRow) -> ArtifactRow | None:
    """The first of `usable_checkpoints`, if there is one."""
    return next(iter(await usable_checkpoints(session, data_dir, job)), None)


async def find_same_result(
    session: AsyncSession, data_dir: Path, job: JobRow, kind: str
) -> ArtifactRow | None:
    """The artifact of a completed job that did exactly what this one asks for, if its file is still whole."""
    for done in await repository.jobs_alike(session, job.recipe, job.config, job.inputs):
        for row in await repository.artifacts_of(session, done.id, kind):
            path = data_dir / row.path
            if path.is_file() and await read_aside(partial(sha256_of_file, path)) == row.sha256:
                return row
    return None


async def deployment_wish(database: Database, job_id: str) -> DeployRequest | None:
    """What was asked to follow a job.

    Raises:
        JobNotFoundError: there is none.
    """
    async with database.unit_of_work() as session:
        return request_of(await get_job(session, job_id)).deploy


def request_of(job: JobRow) -> JobCreate:
    """The request that made a job, by the name that it has now, with its data and its base model fixed to what was really used."""
    request = JobCreate.model_validate(job.facts["request"])
    base = base_of(find_recipe(job.recipe), job.inputs)
    own = {"name": job.name, "base_model": base, "config": {**request.config}}
    return request.model_copy(update=own)


async def _follow_again(
    session: AsyncSession, data_dir: Path, job: JobRow, resumed: JobRow
) -> Sequence[JobRow]:
    """Make the cancelled rest of a job's chain again, behind the job that takes its place."""
    replaced, made = {job.id: resumed.id}, []
    for step in await repository.jobs_of_group(session, job.group_id):
        waited_for = set(await repository.dependencies_of(session, step.id))
        if step.state != JobState.CANCELLED or not waited_for & replaced.keys():
            continue
        request = request_of(step)
        behind = [replaced[other] for other in request.depends_on if other in replaced]
        moved = request.model_copy(update={**_moved(step, replaced), "depends_on": behind})
        planner = Planner(session, data_dir)
        again = await planner.plan(
            await resolve(session, data_dir, moved),
            group_id=resumed.group_id,
            memory_bytes=step.memory_bytes,
        )
        replaced[step.id] = again.id
        made.append(again)
    return made


def _moved(step: JobRow, replaced: Mapping[str, str]) -> dict[str, str]:
    """The jobs that a step reads, with those that have taken a place."""
    read = read_references(find_recipe(step.recipe), step.inputs)
    jobs = {name: one for name, one in read.items() if one.kind == "job"}
    return stored_references(
        {name: Reference("job", replaced.get(one.id, one.id)) for name, one in jobs.items()}
    )
