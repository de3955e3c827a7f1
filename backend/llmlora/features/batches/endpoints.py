"""`/api/batches`: many jobs of one request."""

from typing import Annotated

from fastapi import APIRouter, Path, Query, Response, status

from llmlora.engine.jobs.hints import publish_cancel, publish_head
from llmlora.features.batches import repository, service
from llmlora.features.batches.schemas import BatchCreate, BatchDetail, BatchOut
from llmlora.features.idempotency.service import Key, once
from llmlora.features.jobs.endpoints import announce
from llmlora.features.jobs.results import Direction
from llmlora.kit.web.pages import After, Limit, Page, page_of, parse_cursor
from llmlora.kit.web.state import Web
from llmlora.tables.job import JobRow

router = APIRouter(prefix="/api/batches", tags=["batches"])

BatchId = Annotated[str, Path(min_length=1, max_length=64, pattern=r"^[\w.-]+$")]
Metric = Annotated[
    str | None, Query(max_length=128, description="What the best is chosen by; by default the batch's own.")
]
Way = Annotated[
    Direction | None, Query(description="Which way it gets better; by default as the recipe says.")
]


@router.post("", status_code=status.HTTP_201_CREATED, response_model=BatchDetail)
async def create_batch(web: Web, body: BatchCreate, key: Key = None) -> Response:
    """Create many jobs at once: all of them, or none where one cannot be."""
    made: list[JobRow] = []
    async with web.database.unit_of_work() as session:

        async def work() -> tuple[int, BatchDetail, dict[str, str]]:
            batch_id, jobs = await service.create_batch(session, web.settings.data_dir, body)
            made.extend(jobs)
            detail = await service.get_batch(session, batch_id)
            return status.HTTP_201_CREATED, detail, {"location": f"{router.prefix}/{batch_id}"}

        response = await once(session, key, "create_batch", body, work)
    await announce(web, made)
    return response


@router.get("")
async def list_batches(web: Web, limit: Limit = 50, after: After = None) -> Page[BatchOut]:
    """Batches, newest first."""
    async with web.database.unit_of_work() as session:
        found = await repository.list_batches(session, before=parse_cursor(after), limit=limit + 1)
        page, more = page_of(found, limit, lambda one: (one.created_at, one.id))
        return Page(data=await service.list_batches(session, page), next=more)


@router.get("/{batch_id}")
async def get_batch(web: Web, batch_id: BatchId, metric: Metric = None, direction: Way = None) -> BatchDetail:
    """One batch with its jobs, how many are in which state, and the best."""
    async with web.database.unit_of_work() as session:
        return await service.get_batch(session, batch_id, metric, direction)


@router.post("/{batch_id}/retry")
async def retry_batch(web: Web, batch_id: BatchId) -> BatchDetail:
    """Run again what has failed, and nothing else."""
    async with web.database.unit_of_work() as session:
        made = await service.retry_batch(session, web.settings.data_dir, batch_id)
        detail = await service.get_batch(session, batch_id)
    await announce(web, made)
    return detail


@router.post("/{batch_id}/cancel")
async def cancel_batch(web: Web, batch_id: BatchId) -> BatchDetail:
    """Cancel every job of a batch that has not ended."""
    async with web.database.unit_of_work() as session:
        cancelled = await service.cancel_batch(session, batch_id)
        detail = await service.get_batch(session, batch_id)
    for job in cancelled:
        await publish_cancel(web.redis, job.id)
        await publish_head(web.redis, job.id)
    return detail
