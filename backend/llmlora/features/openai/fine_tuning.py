"""`/v1/fine_tuning/jobs` (and `/v1/fine-tuning/jobs`, as some programs write it): OpenAI's door to trainings."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import Response

from llmlora.contracts.states import JobState
from llmlora.engine.jobs.hints import publish_cancel, publish_head
from llmlora.engine.jobs.poke import send_poke
from llmlora.features.idempotency.service import Key, once
from llmlora.features.openai import fine_tuning_history as history
from llmlora.features.openai import fine_tuning_service as service
from llmlora.features.openai.errors import BadRequestError
from llmlora.features.openai.files_schemas import AfterId, ListOf, list_of
from llmlora.features.openai.fine_tuning_chains import find_chain, load_chains, page_roots
from llmlora.features.openai.fine_tuning_errors import CursorUnknownError, problem_of
from llmlora.features.openai.fine_tuning_schemas import (
    FineTuningCheckpoint,
    FineTuningEvent,
    FineTuningJob,
    FineTuningJobCreate,
    JobId,
    job_id_of,
)
from llmlora.features.openai.fine_tuning_views import checkpoint_out, event_out, job_out
from llmlora.features.openai.route import OpenAIRoute
from llmlora.kit.clock import utc_now
from llmlora.kit.web.bodies import NoBody
from llmlora.kit.web.state import Web, WebState
from llmlora.tables.job import JobRow

MAX_FILTERS = 16
LONGEST_FILTER = 512

jobs = APIRouter(prefix="/jobs", route_class=OpenAIRoute)

ListLimit = Annotated[int, Query(ge=1, le=100)]


@jobs.post("", response_model=FineTuningJob)
async def create_fine_tuning_job(web: Web, given: FineTuningJobCreate, key: Key = None) -> Response:
    """Train on a file, export, deploy and prove the result. Settings of LoRA stand beside the hyperparameters."""
    made: list[JobRow] = []
    async with web.database.unit_of_work() as session:

        async def work() -> tuple[int, FineTuningJob, dict[str, str]]:
            chain, new = await service.create_chain(session, web.settings.data_dir, given)
            made.extend(new)
            return 200, job_out(chain, utc_now()), {}

        response = await once(session, key, "create_fine_tuning_job", given, work)
    await _announce(web, made)
    return response


@jobs.get("")
async def list_fine_tuning_jobs(
    web: Web, request: Request, limit: ListLimit = 20, after: AfterId = None
) -> ListOf[FineTuningJob]:
    """Fine-tuning jobs, newest first. `metadata[key]=value` filters; `metadata=null`: those without metadata."""
    metadata, bare_only = _filters(request)
    async with web.database.unit_of_work() as session:
        seen = await find_chain(session, job_id_of(after)) if after else None
        if after and seen is None:
            raise CursorUnknownError("after", given=after)
        roots = await page_roots(
            session,
            after=seen.root if seen else None,
            metadata=metadata,
            limit=limit + 1,
            bare_only=bare_only,
        )
        now, chains = utc_now(), await load_chains(session, roots[:limit])
        data = [job_out(chain, now) for chain in chains]
    return list_of(data, more=len(roots) > limit)


@jobs.get("/{fine_tuning_job_id}")
async def get_fine_tuning_job(web: Web, fine_tuning_job_id: JobId) -> FineTuningJob:
    """One fine-tuning job."""
    async with web.database.unit_of_work() as session:
        return job_out(await service.get_chain(session, fine_tuning_job_id), utc_now())


@jobs.post("/{fine_tuning_job_id}/cancel", dependencies=[Depends(NoBody())])
async def cancel_fine_tuning_job(web: Web, fine_tuning_job_id: JobId) -> FineTuningJob:
    """Stop a job. Its last checkpoint is kept, so that it can be resumed."""
    return await _stop(web, fine_tuning_job_id, verb="cancel")


@jobs.post("/{fine_tuning_job_id}/pause", dependencies=[Depends(NoBody())])
async def pause_fine_tuning_job(web: Web, fine_tuning_job_id: JobId) -> FineTuningJob:
    """Save a checkpoint and stop; `resume` goes on. The status is `cancelled` meanwhile."""
    return await _stop(web, fine_tuning_job_id, verb="pause")


@jobs.post("/{fine_tuning_job_id}/resume", dependencies=[Depends(NoBody())])
async def resume_fine_tuning_job(web: Web, fine_tuning_job_id: JobId) -> FineTuningJob:
    """Go on with a cancelled, paused or failed job under the same id."""
    async with web.database.unit_of_work() as session:
        chain, made = await service.resume_chain(session, web.settings.data_dir, fine_tuning_job_id)
        out = job_out(chain, utc_now())
    await _announce(web, made)
    return out


@jobs.get("/{fine_tuning_job_id}/events")
async def list_fine_tuning_events(
    web: Web,
    fine_tuning_job_id: JobId,
    limit: Annotated[int, Query(ge=1, le=1000)] = 20,
    after: AfterId = None,
) -> ListOf[FineTuningEvent]:
    """What happened, newest first."""
    async with web.database.unit_of_work() as session:
        chain = await service.get_chain(session, fine_tuning_job_id)
        events = await history.page_events(session, chain, after=after, limit=limit + 1)
    data = [event_out(event, chain) for event in events[:limit]]
    return list_of(data, more=len(events) > limit)


@jobs.get("/{fine_tuning_job_id}/checkpoints")
async def list_fine_tuning_checkpoints(
    web: Web, fine_tuning_job_id: JobId, limit: ListLimit = 10, after: AfterId = None
) -> ListOf[FineTuningCheckpoint]:
    """Checkpoints that are kept, newest first."""
    async with web.database.unit_of_work() as session:
        chain = await service.get_chain(session, fine_tuning_job_id)
        rows = await history.page_checkpoints(session, chain, after=after, limit=limit + 1)
        measured = await history.measured_at(session, rows[:limit])
    data = [checkpoint_out(row, chain, measured[row.id]) for row in rows[:limit]]
    return list_of(data, more=len(rows) > limit)


router = APIRouter(tags=["openai"])
router.include_router(jobs, prefix="/v1/fine_tuning")
router.include_router(jobs, prefix="/v1/fine-tuning", include_in_schema=False)


def _filters(request: Request) -> tuple[dict[str, str], bool]:
    """`metadata[k]=v` of the query, and whether `metadata=null` was asked for."""
    named = [(key, value) for key, value in request.query_params.multi_items() if key.startswith("metadata")]
    if len(named) > MAX_FILTERS or any(
        len(key) + len(value) > LONGEST_FILTER or "\0" in key + value for key, value in named
    ):
        refused = BadRequestError(
            reason_ja="metadata の条件が多すぎるか、長すぎます。減らすか、短くしてください。",
            reason_en="There are too many metadata filters, or they are too long. Use fewer or shorter ones.",
        )
        refused.fields = (problem_of(refused, "metadata"),)
        raise refused
    pairs = {key[9:-1]: value for key, value in named if key.startswith("metadata[") and key.endswith("]")}
    return pairs, ("metadata", "null") in named


async def _stop(web: WebState, fine_tuning_id: str, *, verb: str) -> FineTuningJob:
    async with web.database.unit_of_work() as session:
        chain, stopped = await service.stop_chain(session, fine_tuning_id, verb=verb)
        out = job_out(chain, utc_now())
    for job_id in stopped:
        await publish_cancel(web.redis, job_id)
        await publish_head(web.redis, job_id)
    return out


async def _announce(web: WebState, made: list[JobRow]) -> None:
    """After the commit: wake a worker and the readers."""
    for job in made:
        await publish_head(web.redis, job.id)
        if job.state == JobState.QUEUED:
            await send_poke(web.redis, job.id)
