"""`/api/sweeps`: the settings of a recipe, searched."""

from typing import Annotated

from fastapi import APIRouter, Path, Query, Response, status

from llmlora.contracts.sweep import TrialOutcome
from llmlora.engine.jobs.hints import publish_cancel, publish_head
from llmlora.features.idempotency.service import Key, once
from llmlora.features.sweeps import repository, service
from llmlora.features.sweeps.schemas import (
    Front,
    ImportanceList,
    SweepCreate,
    SweepExtend,
    SweepOut,
    TrialOut,
)
from llmlora.features.sweeps.service import Found
from llmlora.kit.web.pages import After, Limit, Page, page_of, parse_cursor
from llmlora.kit.web.state import Web, WebState

router = APIRouter(prefix="/api/sweeps", tags=["sweeps"])

SweepId = Annotated[str, Path(min_length=1, max_length=64, pattern=r"^[\w.-]+$")]
Outcomes = Annotated[list[TrialOutcome] | None, Query(max_length=6, description="Only trials of these.")]
Since = Annotated[int, Query(ge=0, le=1_000_000, description="Number of the first trial.")]
MostTrials = Annotated[int, Query(ge=1, le=1000, description="Largest number of trials.")]


@router.post("", status_code=status.HTTP_201_CREATED, response_model=SweepOut)
async def create_sweep(web: Web, body: SweepCreate, key: Key = None) -> Response:
    """Search the settings of a recipe: its trials are ordinary jobs, which the workers begin."""
    async with web.database.unit_of_work() as session:

        async def work() -> tuple[int, SweepOut, dict[str, str]]:
            sweep_id = await service.create_sweep(session, web.settings.data_dir, body)
            (shown,) = await service.shown(session, [await service.find_sweep(session, sweep_id)])
            return status.HTTP_201_CREATED, shown, {"location": f"{router.prefix}/{sweep_id}"}

        return await once(session, key, "create_sweep", body, work)


@router.get("")
async def list_sweeps(web: Web, limit: Limit = 50, after: After = None) -> Page[SweepOut]:
    """Sweeps, newest first."""
    async with web.database.unit_of_work() as session:
        found = await repository.list_sweeps(session, before=parse_cursor(after), limit=limit + 1)
        page, more = page_of(found, limit, lambda one: (one[0].created_at, one[0].id))
        return Page(data=await service.shown(session, page), next=more)


@router.get("/{sweep_id}")
async def get_sweep(web: Web, sweep_id: SweepId) -> SweepOut:
    """One sweep: how far it is, and its best trial."""
    async with web.database.unit_of_work() as session:
        (shown,) = await service.shown(session, [await service.find_sweep(session, sweep_id)])
        return shown


@router.post("/{sweep_id}/pause")
async def pause_sweep(web: Web, sweep_id: SweepId) -> SweepOut:
    """Begin no further trial; those that run go on."""
    async with web.database.unit_of_work() as session:
        (shown,) = await service.shown(session, [await service.pause_sweep(session, sweep_id)])
    await publish_head(web.redis, sweep_id)
    return shown


@router.post("/{sweep_id}/resume")
async def resume_sweep(web: Web, sweep_id: SweepId) -> SweepOut:
    """Go on after a pause."""
    async with web.database.unit_of_work() as session:
        (shown,) = await service.shown(session, [await service.resume_sweep(session, sweep_id)])
    await publish_head(web.redis, sweep_id)
    return shown


@router.post("/{sweep_id}/extend")
async def extend_sweep(web: Web, sweep_id: SweepId, body: SweepExtend) -> SweepOut:
    """More trials, or more time; a sweep that has ended goes on."""
    async with web.database.unit_of_work() as session:
        (shown,) = await service.shown(session, [await service.extend_sweep(session, sweep_id, body)])
    await publish_head(web.redis, sweep_id)
    return shown


@router.post("/{sweep_id}/cancel")
async def cancel_sweep(web: Web, sweep_id: SweepId) -> SweepOut:
    """Begin no further trial, and cancel those that have not ended."""
    async with web.database.unit_of_work() as session:
        found, cancelled = await service.cancel_sweep(session, sweep_id)
        (shown,) = await service.shown(session, [found])
    await _tell(web, found, [job.id for job in cancelled])
    return shown


@router.get("/{sweep_id}/trials")
async def list_sweep_trials(
    web: Web, sweep_id: SweepId, outcome: Outcomes = None, since: Since = 0, limit: MostTrials = 1000
) -> Page[TrialOut]:
    """Trials by number. `next`: the number to give as `since`."""
    async with web.database.unit_of_work() as session:
        await service.find_sweep(session, sweep_id)
        found = await repository.trials_of(session, sweep_id, outcome or (), since=since, limit=limit + 1)
        shown = await service.trials_shown(session, found[:limit])
    return Page(data=shown, next=str(found[limit].number) if len(found) > limit else None)


@router.get("/{sweep_id}/importance")
async def get_sweep_importance(web: Web, sweep_id: SweepId) -> ImportanceList:
    """How much each setting matters, by objective (PED-ANOVA)."""
    return await service.importance_of(web.database, sweep_id)


@router.get("/{sweep_id}/pareto")
async def get_sweep_front(web: Web, sweep_id: SweepId) -> Front:
    """The trials that no other is better than in every objective."""
    async with web.database.unit_of_work() as session:
        return await service.front_of(session, sweep_id)


async def _tell(web: WebState, found: Found, job_ids: list[str]) -> None:
    """After the commit: wake those who run these jobs, and the readers."""
    for job_id in job_ids:
        await publish_cancel(web.redis, job_id)
        await publish_head(web.redis, job_id)
    await publish_head(web.redis, found[0].id)
