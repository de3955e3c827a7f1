"""What a run is given: references become paths, and what its recipe says it needs is there."""

from pathlib import Path

from sqlalchemy.ext.asyncio import AsyncSession

from llmlora.contracts.events import ARTIFACT_WORDS, ArtifactKind
from llmlora.contracts.recipe import RecipeSpec, RunNeeds
from llmlora.contracts.run import (
    ENDPOINT_KEY_VARIABLE,
    EndpointInput,
    FileInput,
    PlannedRun,
    RunInput,
    RunInputs,
    RunSpec,
)
from llmlora.contracts.states import FINAL_STATES
from llmlora.engine.hosts.running import run_dir_of
from llmlora.engine.jobs.capacity import Grant
from llmlora.engine.jobs.job_run import Prepared
from llmlora.features.datasets.service import as_input as dataset_input
from llmlora.features.deployments.registry import propose_deployment
from llmlora.features.deployments.targets import TARGETS
from llmlora.features.deployments.targets.target import DeployTools
from llmlora.features.jobs import repository
from llmlora.features.jobs.references import read_references
from llmlora.features.jobs.service import usable_checkpoints
from llmlora.features.models.service import as_input as base_model_input
from llmlora.features.models.service import find_base_model, verify_base_model
from llmlora.features.models.sources import source_environment, source_secrets
from llmlora.features.recipes.configs import find_recipe
from llmlora.features.runs.errors import ArtifactGoneError, DatasetGoneError
from llmlora.kit.db import or_refuse
from llmlora.recipes.blocks.base_model_errors import UnknownBaseModelError
from llmlora.tables.base_model import BaseModelRow
from llmlora.tables.dataset import DatasetRow
from llmlora.tables.job import JobRow


async def prepare(tools: DeployTools, job: JobRow, grant: Grant) -> Prepared:
    """All that the child of a claimed job is told, with what it talks to running.

    Raises:
        AppError: an input is gone or is not what was registered; a server does not start.
    """
    recipe, data_dir = find_recipe(job.recipe), tools.settings.data_dir
    async with tools.database.unit_of_work() as session:
        inputs, bases = await _inputs(session, job, data_dir)
        saved = [data_dir / row.path for row in await usable_checkpoints(session, data_dir, job)]
        followers = await _followers_of(session, job)
    for base in bases:
        await verify_base_model(base, data_dir)
    needs = recipe.needs(recipe.config.model_validate(job.config)) if recipe.needs else RunNeeds()
    endpoint = await endpoint_of(tools, job, next(iter(bases), None), inputs, needs)
    spec = RunSpec(
        job_id=job.id,
        epoch=job.epoch,
        recipe=job.recipe,
        config=job.config,
        inputs=inputs.also(**{_endpoint_name(recipe): _without_key(endpoint)}),
        resources=grant.resources(job),
        data_dir=data_dir,
        resume_from=saved[0] if saved else None,
        resume_else=tuple(saved[1:]),
        followers=followers,
    )
    env, secrets = grant.environment(), dict[str, str]()
    for source in needs.sources:
        env |= source_environment(source, tools.settings, run_dir_of(spec))
        secrets |= await source_secrets(source, tools.database, tools.settings)
    if endpoint is not None and endpoint.api_key:
        env |= {ENDPOINT_KEY_VARIABLE: endpoint.api_key}
    return Prepared(spec, env, secrets)


async def endpoint_of(
    tools: DeployTools, job: JobRow, base: BaseModelRow | None, inputs: RunInputs, needs: RunNeeds
) -> EndpointInput | None:
    """The server that the run talks to, if it does: what it is to prove, proposed as a deployment that is being checked,
    or an engine that is there anyway.

    Raises:
        AppError: it cannot be served, or the server does not start.
    """
    recipe = find_recipe(job.recipe)
    if recipe.deploys is None:
        return TARGETS[needs.engine].engine_endpoint(tools.settings, needs.model) if needs.engine else None
    if base is None and recipe.deploys.chats:
        raise UnknownBaseModelError(reference="-", known="-")
    target = TARGETS[recipe.deploys.name]
    config = recipe.config.model_validate(job.config)
    proposal = await target.proposal(tools, job, config, base, inputs)
    async with tools.database.unit_of_work() as session:
        row = await propose_deployment(
            session,
            job_id=job.id,
            training_job_id=job.inputs.get("training_job_id"),
            name=proposal.name,
            base_model_id=None if base is None else base.id,
            served=proposal.served,
            replace=proposal.replace,
        )
        session.expunge(row)
    return await target.endpoint(tools, row)


def _endpoint_name(recipe: RecipeSpec) -> str:
    """Under which name the recipe reads its endpoint."""
    return next((name for name, accepts in recipe.inputs.items() if accepts.endpoint), "endpoint")


def _without_key(endpoint: EndpointInput | None) -> EndpointInput | None:
    """As it may stand in a file."""
    return endpoint and endpoint.model_copy(update={"api_key": None})


async def _inputs(session: AsyncSession, job: JobRow, data_dir: Path) -> tuple[RunInputs, list[BaseModelRow]]:
    """What the names of a job's inputs mean now, and the rows of its base models, whose files are still to be verified."""
    recipe = find_recipe(job.recipe)
    inputs, bases = dict[str, RunInput](), list[BaseModelRow]()
    for name, named in read_references(recipe, job.inputs).items():
        match named.kind:
            case "dataset":
                inputs[name] = dataset_input(await _dataset(session, named.id), data_dir)
            case "base_model":
                bases.append(await _base(session, named.id))
                inputs[name] = base_model_input(bases[-1], data_dir)
            case "job":
                inputs[name] = await _file(session, named.id, recipe.inputs[name].artifacts, data_dir)
            case "group":
                raise AssertionError("no recipe of today is given a group")
    return RunInputs(**inputs), bases


async def _dataset(session: AsyncSession, dataset_id: str) -> DatasetRow:
    return or_refuse(await session.get(DatasetRow, dataset_id), DatasetGoneError, id=dataset_id)


async def _base(session: AsyncSession, reference: str) -> BaseModelRow:
    return or_refuse(
        await find_base_model(session, reference), UnknownBaseModelError, reference=reference, known="-"
    )


async def _file(
    session: AsyncSession, job_id: str, kinds: frozenset[ArtifactKind], data_dir: Path
) -> FileInput:
    """The newest of these kinds that a job has left."""
    for kind in sorted(kinds):
        for found in (await repository.artifacts_of(session, job_id, kind))[:1]:
            if (data_dir / found.path).exists():
                return FileInput(path=data_dir / found.path, sha256=found.sha256)
    words = [ARTIFACT_WORDS[kind] for kind in sorted(kinds)]
    told = ("、".join(ja for ja, _ in words), ", ".join(en for _, en in words))
    raise ArtifactGoneError(job_id=job_id, kind=told)


async def _followers_of(session: AsyncSession, job: JobRow) -> tuple[PlannedRun, ...]:
    """The jobs of the queue that go on with what a training makes."""
    if not find_recipe(job.recipe).trains:
        return ()
    waiting = await repository.followers_of(session, job.id)
    return tuple(
        PlannedRun(recipe=one.recipe, config=one.config) for one in waiting if one.state not in FINAL_STATES
    )
