"""What the end of a run brings about: by the kind of what it has left, whatever recipe it was."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path

from sqlalchemy.ext.asyncio import AsyncSession

from llmlora.contracts.evaluation import REPORT as EVALUATION
from llmlora.contracts.events import Artifact, ArtifactKind
from llmlora.engine.hosts.running import Outcome
from llmlora.engine.jobs.queue import STOPPING
from llmlora.features.deployments import registry
from llmlora.features.deployments.errors import DeploymentNotFoundError
from llmlora.features.evaluations.service import keep_evaluation
from llmlora.features.jobs import repository
from llmlora.features.jobs.automatic import decide_waiting
from llmlora.features.jobs.service import request_of
from llmlora.features.models.repository import keep as keep_base_model
from llmlora.features.models.service import row_of_import
from llmlora.features.recipes.configs import find_recipe
from llmlora.recipes import plan_of
from llmlora.tables.job import JobRow


async def keep_results(session: AsyncSession, job: JobRow, outcome: Outcome, data_dir: Path) -> None:
    """In the transaction that completes the job: what its artifacts and its reports mean to others."""
    for artifact in outcome.artifacts:
        if keep := ON_ARTIFACT.get(artifact.kind):
            await keep(session, job, artifact, data_dir)
    for name, accept in ON_REPORT.items():
        if name in outcome.reports:
            await accept(session, job, outcome)


async def reject_proposed(session: AsyncSession, job: JobRow, outcome: Outcome) -> None:
    """In the transaction that fails or cancels the job: a deployment whose gates were red, or never asked, is not used."""
    gates = outcome.reports.get("gates")
    with suppress(DeploymentNotFoundError):  # most jobs propose none; some fail before they do
        await registry.reject_deployment(session, job.id, dict(gates) if gates else None)


async def discard_leftovers(job: JobRow, data_dir: Path) -> None:
    """What a job that was cancelled for good has left outside its run directories goes."""
    recipe = find_recipe(job.recipe)
    if recipe.discard is not None and job.desired in STOPPING and not job.keep_checkpoint:
        await asyncio.to_thread(recipe.discard, recipe.config.model_validate(job.config), data_dir)


async def _register_base_model(
    session: AsyncSession, job: JobRow, artifact: Artifact, data_dir: Path
) -> None:
    """It can be found from now on, and whoever has waited for it by its reference gets exactly this one."""
    importing = plan_of(job.recipe).importing
    asked = str(job.config[importing.setting]) if importing else artifact.name
    kept = await keep_base_model(session, row_of_import(artifact, asked, data_dir))
    for waiting in await repository.lock_pending_followers(session, job.id):
        if waiting.inputs.get("base_model") == asked:  # a reference may mean another model tomorrow
            waiting.inputs = {**waiting.inputs, "base_model": kept.id}
        await decide_waiting(session, data_dir, waiting, request_of(waiting))


async def _accept_deployment(session: AsyncSession, job: JobRow, outcome: Outcome) -> None:
    """Every gate is green: what the job has proposed is ready."""
    seal = outcome.reports.get("seal")
    with suppress(DeploymentNotFoundError):  # it examined something without deploying it
        await registry.accept_deployment(
            session, job.id, dict(outcome.reports["gates"]), dict(seal) if seal else None
        )


async def _keep_evaluation(session: AsyncSession, job: JobRow, outcome: Outcome) -> None:
    """It can be found and compared from now on."""
    await keep_evaluation(session, job, outcome.reports[EVALUATION])


KeepArtifact = Callable[[AsyncSession, JobRow, Artifact, Path], Awaitable[None]]
ON_ARTIFACT: dict[ArtifactKind, KeepArtifact] = {ArtifactKind.BASE_MODEL: _register_base_model}
"""Kinds that mean more than their files, which are kept as rows by the event itself."""
ON_REPORT: dict[str, Callable[[AsyncSession, JobRow, Outcome], Awaitable[None]]] = {
    "gates": _accept_deployment,
    EVALUATION: _keep_evaluation,
}
"""Reports of a completed run that change something elsewhere."""
