"""`/api/deployments`: what is served, what its gates said, and a person's last word."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, status
from starlette.requests import HTTPConnection

from llmlora.contracts.prediction import PredictionRequest
from llmlora.engine.serving.spec import EndpointSource
from llmlora.features.deployments import registry
from llmlora.features.deployments.errors import DEPLOYMENT_WORDS, DeploymentAsProvedError
from llmlora.features.deployments.predicting import predict
from llmlora.features.deployments.renewal import deploy_again
from llmlora.features.deployments.schemas import (
    READY,
    DeploymentList,
    DeploymentOut,
    DeploymentState,
    PredictionOut,
)
from llmlora.features.deployments.targets import TARGETS
from llmlora.features.deployments.targets.target import ServingState
from llmlora.features.deployments.watching import watch, watch_closely
from llmlora.features.jobs.endpoints import announce
from llmlora.features.jobs.repository import find_job
from llmlora.features.jobs.schemas import JobOut
from llmlora.features.jobs.views import job_out
from llmlora.features.labels.schemas import TagFilter
from llmlora.features.models.ollama_connection import Ollama
from llmlora.kit.web.bodies import NoBody
from llmlora.kit.web.pages import After, Limit, page_of, parse_cursor
from llmlora.kit.web.state import Web

router = APIRouter(prefix="/api/deployments", tags=["deployments"])


def _endpoints_of(connection: HTTPConnection) -> EndpointSource:
    """Where sessions come from: what the application's lifespan has set."""
    found: EndpointSource = connection.app.state.endpoints
    return found


DeploymentId = Annotated[str, Path(max_length=64, pattern=r"^\w+$", description="Id of a deployment.")]
Endpoints = Annotated[EndpointSource, Depends(_endpoints_of)]
StateFilter = Annotated[DeploymentState | None, Query(description="Only deployments in this state.")]
JobFilter = Annotated[
    str | None, Query(max_length=64, pattern=r"^\w+$", description="Only what this deploying job made.")
]
TrainingFilter = Annotated[
    str | None, Query(max_length=64, pattern=r"^\w+$", description="Only what this training made.")
]
NameFilter = Annotated[str | None, Query(max_length=200, description="Only the deployment of this name.")]


@router.get("")
async def list_deployments(
    web: Web,
    ollama: Ollama,
    state: StateFilter = None,
    job_id: JobFilter = None,
    training_job_id: TrainingFilter = None,
    name: NameFilter = None,
    tag: TagFilter = None,
    limit: Limit = 50,
    after: After = None,
) -> DeploymentList:
    """Deployments as they are now, newest first. With `state`, a page may hold fewer than there are behind it."""
    # What has become of one that was proved is not written down: it is looked at.
    kept = READY if state in ("changed", "gone") else state
    async with web.database.unit_of_work() as session:
        found = await registry.list_deployments(
            session,
            state=kept,
            job_id=job_id,
            training_job_id=training_job_id,
            name=name,
            tag=tag,
            after=parse_cursor(after),
            limit=limit + 1,
        )
        total = await registry.count_deployments(
            session, state=kept, job_id=job_id, training_job_id=training_job_id, name=name, tag=tag
        )
    page, more = page_of(found, limit, lambda one: (one.created_at, one.id))
    shown = await watch(page, ServingState(ollama, web.settings.data_dir))
    data = [one for one in shown if state in (None, one.state)]
    return DeploymentList(data=data, next=more, total=total)


@router.get("/{deployment_id}")
async def get_deployment(web: Web, ollama: Ollama, deployment_id: DeploymentId) -> DeploymentOut:
    """One deployment as it is now; of one that was changed outside, what differs."""
    async with web.database.unit_of_work() as session:
        found = await registry.get_deployment(session, deployment_id)
    return await watch_closely(found, ServingState(ollama, web.settings.data_dir))


@router.post("/{deployment_id}/predict")
async def predict_with_deployment(
    web: Web, ollama: Ollama, endpoints: Endpoints, deployment_id: DeploymentId, asked: PredictionRequest
) -> PredictionOut:
    """What a ready model says of items of the type that it takes: labels with their shares, and who has answered."""
    serving = ServingState(ollama, web.settings.data_dir)
    return await predict(web.database, web.settings.data_dir, endpoints, serving, deployment_id, asked.items)


@router.delete("/{deployment_id}", status_code=204)
async def delete_deployment(web: Web, ollama: Ollama, deployment_id: DeploymentId) -> None:
    """Forget a deployment whose gates do not run now, and what it has in Ollama; files belong to their jobs and stay."""
    async with web.database.unit_of_work() as session:
        row = await registry.delete_deployment(session, deployment_id)
        await TARGETS[row.target].forget(session, row, ServingState(ollama, web.settings.data_dir))


@router.post("/{deployment_id}/use-anyway", dependencies=[Depends(NoBody())])
async def use_deployment_anyway(web: Web, ollama: Ollama, deployment_id: DeploymentId) -> DeploymentOut:
    """Use a rejected deployment all the same; in Ollama it gets the name that was asked for only now."""
    async with web.database.unit_of_work() as session:
        row = await registry.get_rejected(session, deployment_id)
        job = await find_job(session, row.job_id) if row.job_id else None
        await TARGETS[row.target].use_rejected(
            session,
            row,
            ServingState(ollama, web.settings.data_dir),
            one=await registry.get_deployment(session, row.id),
            replace=bool(job and job.config.get("replace")),
        )
        return await registry.use_rejected(session, deployment_id)


@router.post(
    "/{deployment_id}/deploy-again",
    status_code=status.HTTP_202_ACCEPTED,
    dependencies=[Depends(NoBody())],
)
async def deploy_deployment_again(web: Web, ollama: Ollama, deployment_id: DeploymentId) -> JobOut:
    """Register and prove anew what was changed or deleted outside, on the same adapter: the job that does it."""
    async with web.database.unit_of_work() as session:
        found = await registry.get_deployment(session, deployment_id)
    serving = ServingState(ollama, web.settings.data_dir)
    await TARGETS[found.target].require_reachable(serving)
    now = await watch_closely(found, serving)
    if now.deviation is None:
        raise DeploymentAsProvedError(name=now.name, state=DEPLOYMENT_WORDS[now.state])
    async with web.database.unit_of_work() as session:
        job, made = await deploy_again(session, web.settings.data_dir, deployment_id)
        out = job_out(job)
    await announce(web, made)
    return out
