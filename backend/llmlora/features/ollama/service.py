"""Ollama's models as the API shows them: what it has, what one can train on, what this studio has put there."""

import asyncio
from dataclasses import asdict
from pathlib import Path

from sqlalchemy.ext.asyncio import AsyncSession

from llmlora.features.deployments import registry
from llmlora.features.deployments.schemas import READY, DeploymentOut
from llmlora.features.deployments.targets.ollama import OllamaTarget, differs_from, is_needed
from llmlora.features.jobs import repository as jobs
from llmlora.features.jobs.schemas import JobCreate
from llmlora.features.jobs.service import create_job
from llmlora.features.needs.service import needs_of_ollama_model, sentences
from llmlora.features.ollama.errors import OllamaModelInUseError, OllamaModelNeededError
from llmlora.features.ollama.schemas import (
    OllamaBase,
    OllamaCheckOut,
    OllamaDetailsOut,
    OllamaModelOut,
    OllamaModelsOut,
)
from llmlora.inference.ollama.connection import OllamaConnection
from llmlora.inference.ollama.errors import OllamaModelMissingError, OllamaTunedModelMissingError
from llmlora.inference.ollama.names import is_staging, parse_name, same_name, staged_by
from llmlora.inference.ollama.server import InstalledModel
from llmlora.inference.ollama.store import OllamaStore
from llmlora.kit.db import Database
from llmlora.kit.errors import AppError
from llmlora.recipes.blocks.base_model_errors import OllamaAdapterRefusedError
from llmlora.recipes.blocks.base_reference import Reference
from llmlora.recipes.pull_ollama_model.spec import SPEC as PULL
from llmlora.tables.job import JobRow

DEPLOYMENTS_LOOKED_AT = 1000


async def list_models(database: Database, ollama: OllamaConnection, store: OllamaStore) -> OllamaModelsOut:
    """Everything Ollama has.

    Raises:
        UnavailableError: it went away meanwhile.
    """
    status = await ollama.status()
    if status.state != "running":
        return OllamaModelsOut(ollama=status, data=[], size_bytes=0)
    async with ollama.server() as server:
        installed = [one for one in await server.installed() if not is_staging(one.name)]
    ours = await _ours(database)
    shown = await asyncio.to_thread(
        lambda: [_out(one, store, ours.get(one.name.lower())) for one in installed]
    )
    shown.sort(key=lambda one: one.modified_at.timestamp() if one.modified_at else 0.0, reverse=True)
    return OllamaModelsOut(ollama=status, data=shown, size_bytes=sum(one.size_bytes for one in shown))


async def check_model(
    database: Database, ollama: OllamaConnection, store: OllamaStore, name: str
) -> OllamaCheckOut:
    """Whether Ollama has a model, or is getting it.

    Raises:
        OllamaNameError: no name of a model.
        UnavailableError: Ollama cannot be reached.
    """
    full = str(parse_name(name))
    async with ollama.server() as server:
        found = next((one for one in await server.installed() if same_name(one.name, full)), None)
    ours = await _ours(database)
    async with database.unit_of_work() as session:
        pulling = await open_pull(session, full)
        return OllamaCheckOut(
            name=full,
            installed=found is not None,
            model=None if found is None else _out(found, store, ours.get(full.lower())),
            pull_job_id=None if pulling is None else pulling.id,
        )


async def show_model(database: Database, ollama: OllamaConnection, name: str) -> OllamaDetailsOut:
    """What Ollama tells about one model.

    Raises:
        OllamaNameError: no name of a model.
        OllamaModelMissingError: it has none of that name; its leaf, one of ours that somebody deleted there.
        OllamaBlobGoneError: it has the name, and the files are gone.
        UnavailableError: it cannot be reached.
    """
    full = str(parse_name(name))
    try:
        async with ollama.server() as server:
            told = await server.details(full)
    except OllamaModelMissingError as error:
        async with database.unit_of_work() as session:
            ours = await registry.find_deployment(session, full)
        if ours is None or ours.target != OllamaTarget.name:
            raise
        raise OllamaTunedModelMissingError(name=full) from error
    return OllamaDetailsOut(name=full, **asdict(told))


async def delete_model(database: Database, ollama: OllamaConnection, name: str) -> None:
    """Let Ollama forget a model that this studio has not registered.

    Raises:
        OllamaNameError: no name of a model.
        OllamaModelInUseError: a deployment stands for it, or is being judged under this name.
        OllamaModelNeededError: a job is still to import it.
        OllamaModelMissingError: it has none of that name.
        UnavailableError: it cannot be reached.
    """
    full = str(parse_name(name))
    async with database.unit_of_work() as session:
        deployment = await registry.find_deployment(session, full)
        if deployment is not None and deployment.target == OllamaTarget.name:
            raise OllamaModelInUseError(name=full, deployment=deployment.name)
        if await is_needed(session, full):
            raise OllamaModelInUseError(name=full, deployment=staged_by(full))
        if needs := await needs_of_ollama_model(session, full):
            raise OllamaModelNeededError(name=full, **sentences(needs))
    async with ollama.server() as server:
        await server.delete(full)


async def start_pull(session: AsyncSession, data_dir: Path, name: str) -> tuple[JobRow, list[JobRow]]:
    """The job that gets a model, and the jobs that were made for it: none when one is getting it already.

    Raises:
        OllamaNameError: no name of a model.
    """
    full = str(parse_name(name))
    pulling = await open_pull(session, full)
    if pulling is not None:
        return pulling, []
    request = JobCreate(recipe=PULL.name, config={"name": full}, name=f"Ollama {full}")
    made = await create_job(session, data_dir, request, None)
    return made[0], made


async def open_pull(session: AsyncSession, name: str) -> JobRow | None:
    """A job that gets the model and has not ended."""
    return await jobs.open_job_with(session, PULL.name, "name", name)


async def _ours(database: Database) -> dict[str, DeploymentOut]:
    async with database.unit_of_work() as session:
        listed = await registry.list_deployments(session, limit=DEPLOYMENTS_LOOKED_AT)
    # The newest first: of several with one name, the ready one stays.
    by_age = [one for one in reversed(listed) if one.tag is not None]
    return {one.name.lower(): one for one in sorted(by_age, key=lambda one: one.state == READY)}


def _out(one: InstalledModel, store: OllamaStore, ours: DeploymentOut | None) -> OllamaModelOut:
    return OllamaModelOut(
        **asdict(one),
        base=_base(one.name, store),
        deployment_id=ours.id if ours else None,
        seal=ours.tag.seal if ours and ours.tag else None,
        is_changed=ours is not None and ours.state == READY and differs_from(ours, one.digest),
    )


def _base(name: str, store: OllamaStore) -> OllamaBase:
    try:
        stored = store.find(parse_name(name))
        if stored.has_adapter:
            raise OllamaAdapterRefusedError(name=stored.name)
    except AppError as error:
        return OllamaBase(reference=None, reason_ja=error.detail("ja"), reason_en=error.detail("en"))
    reference = Reference("ollama", str(stored.name), stored.short_digest)
    return OllamaBase(reference=str(reference), reason_ja=None, reason_en=None)
