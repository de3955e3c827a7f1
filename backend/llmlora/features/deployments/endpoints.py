"""`/api/deployments`: what is served, what its gates said, and a person's last word."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query

from llmlora.features.deployments import registry
from llmlora.features.deployments.schemas import DeploymentOut, DeploymentState
from llmlora.features.models.neighbour import Ollama
from llmlora.inference.ollama.tags import forget_tag
from llmlora.kit.web.bodies import NoBody
from llmlora.kit.web.pages import After, Limit, Page, cursor_of, parse_cursor
from llmlora.kit.web.state import Web

router = APIRouter(prefix="/api/deployments", tags=["deployments"])

DeploymentId = Annotated[str, Path(max_length=64, pattern=r"^\w+$", description="Id of a deployment.")]
StateFilter = Annotated[DeploymentState | None, Query(description="Only deployments in this state.")]
JobFilter = Annotated[
    str | None, Query(max_length=64, pattern=r"^\w+$", description="Only what this deploying job made.")
]
NameFilter = Annotated[str | None, Query(max_length=200, description="Only the deployment of this name.")]


@router.get("")
async def list_deployments(
    web: Web,
    state: StateFilter = None,
    job_id: JobFilter = None,
    name: NameFilter = None,
    limit: Limit = 50,
    after: After = None,
) -> Page[DeploymentOut]:
    """Deployments, newest first."""
    cursor = None if after is None else parse_cursor(after)
    async with web.database.unit_of_work() as session:
        found = await registry.list_deployments(
            session, state=state, job_id=job_id, name=name, after=cursor, limit=limit + 1
        )
    shown = found[:limit]
    more = cursor_of(shown[-1].created_at, shown[-1].id) if len(found) > limit else None
    return Page[DeploymentOut](data=shown, next=more)


@router.get("/{deployment_id}")
async def get_deployment(web: Web, deployment_id: DeploymentId) -> DeploymentOut:
    """One deployment."""
    async with web.database.unit_of_work() as session:
        return await registry.get_deployment(session, deployment_id)


@router.delete("/{deployment_id}", status_code=204)
async def delete_deployment(web: Web, ollama: Ollama, deployment_id: DeploymentId) -> None:
    """Forget a deployment whose gates do not run now, and its tag in Ollama; files belong to their jobs and stay."""
    async with web.database.unit_of_work() as session:
        tag = await registry.delete_deployment(session, deployment_id)
        if tag is not None:
            await forget_tag(ollama, tag)


@router.post("/{deployment_id}/use-anyway", dependencies=[Depends(NoBody())])
async def use_deployment_anyway(web: Web, deployment_id: DeploymentId) -> DeploymentOut:
    """Use a rejected deployment all the same."""
    async with web.database.unit_of_work() as session:
        return await registry.use_rejected(session, deployment_id)
