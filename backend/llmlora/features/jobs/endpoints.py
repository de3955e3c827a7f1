"""Training jobs over HTTP. What happens is told by `streams.py`; files are sent by `artifacts.py`."""

from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Response, status

from llmlora.contracts.events import JobEvent, LogBatch
from llmlora.contracts.states import JobState
from llmlora.engine.jobs.hints import publish_cancel, publish_head
from llmlora.engine.jobs.poke import send_poke
from llmlora.features.idempotency.service import Key, once
from llmlora.features.jobs import repository, service
from llmlora.features.jobs.clock import run_clock
from llmlora.features.jobs.curves import thinned_curves
from llmlora.features.jobs.errors import TwoDirectionsError
from llmlora.features.jobs.following import read_batch, read_last
from llmlora.features.jobs.schemas import (
    DeployRequest,
    JobCancel,
    JobCreate,
    JobDeleted,
    JobDetail,
    JobDuplicate,
    JobFiles,
    JobOut,
    JobProgress,
    JobTotals,
    ListedJobOut,
    LogPage,
    MetricsOut,
    WaitingJobs,
    log_line,
)
from llmlora.features.jobs.sorting import order_of
from llmlora.features.jobs.totals import totals_of
from llmlora.features.jobs.views import job_detail, job_out, job_progress, listed_out
from llmlora.features.labels.schemas import TagFilter
from llmlora.features.models.ollama_connection import Ollama
from llmlora.inference.ollama.connection import OllamaConnection
from llmlora.inference.taken_names import REFUSE_TAKEN
from llmlora.kit.web.bodies import NoBody
from llmlora.kit.web.pages import (
    Limit,
    Page,
    SortedAfter,
    page_of,
    parse_cursor,
    parse_sorted_cursor,
    sorted_page_of,
)
from llmlora.kit.web.state import Web, WebState
from llmlora.tables.job import JobRow

router = APIRouter(prefix="/api/training/jobs", tags=["training"])

GOES_ON = NoBody(
    "再開したジョブは元の設定のまま続きます。設定を変えるには、複製（duplicate）を使ってください。",
    "A resumed job continues with its own settings. To change them, use duplicate.",
)
JobId = Annotated[str, Path(min_length=1, max_length=64, pattern=r"^[\w.-]+$")]
Word = Annotated[str, Query(max_length=64)]
Tail = Annotated[
    int | None, Query(ge=1, le=1000, description="The last so many, instead of those behind `after`.")
]
Before = Annotated[
    int | None, Query(ge=1, le=2**53, description="With `tail`: of those before this number (`earlier`).")
]


@router.post("", status_code=status.HTTP_201_CREATED, response_model=JobDetail)
async def create_training_job(web: Web, ollama: Ollama, body: JobCreate, key: Key = None) -> Response:
    """Create a job; with `deploy`, the whole chain to a proved answer. A base model that is new is imported first."""
    made: list[JobRow] = []
    await _refuse_taken_name(ollama, body.deploy)
    async with web.database.unit_of_work() as session:

        async def work() -> tuple[int, JobDetail, dict[str, str]]:
            made.extend(await service.create_job(session, web.settings.data_dir, body, foresee=True))
            detail = await job_detail(session, made[0])
            return status.HTTP_201_CREATED, detail, {"location": f"{router.prefix}/{detail.id}"}

        response = await once(session, key, "create_training_job", body, work)
    await announce(web, made)
    return response


def _filter(
    state: Annotated[list[JobState] | None, Query(max_length=6)] = None,
    recipe: Annotated[list[Word] | None, Query(max_length=20)] = None,
    group_id: Annotated[list[Word] | None, Query(max_length=200)] = None,
    dataset_id: Word | None = None,
    q: Annotated[str | None, Query(max_length=200, description="Part of the name.")] = None,
    tag: TagFilter = None,
) -> repository.JobFilter:
    return repository.JobFilter(
        tuple(state or ()), tuple(recipe or ()), tuple(group_id or ()), dataset_id, q, tag
    )


Filter = Annotated[repository.JobFilter, Depends(_filter)]
NEWEST_FIRST = "-created"
"""What an index has; its pages need no value to go on behind."""
Sort = Annotated[
    str | None,
    Query(
        max_length=160,
        description="What to sort by, largest first with `-` in front: name, state, recipe, dataset, rows, base_model, "
        "progress, duration, created, config.<setting>, last.<metric>, min.<metric>, max.<metric>. Default: -created.",
    ),
]


@router.get("")
async def list_training_jobs(
    web: Web, wanted: Filter, sort: Sort = None, limit: Limit = 50, after: SortedAfter = None
) -> Page[ListedJobOut]:
    """Jobs, newest first, or as `sort` says; those without what is sorted by stand last."""
    async with web.database.unit_of_work() as session:
        if sort is None or sort == NEWEST_FIRST:
            rows = await repository.list_jobs(session, wanted, before=parse_cursor(after), limit=limit + 1)
            shown, more = page_of(rows, limit, lambda row: (row.job.created_at, row.job.id))
        else:
            order, behind = order_of(sort), parse_sorted_cursor(after, sort)
            rows = await repository.list_sorted_jobs(session, wanted, order, behind=behind, limit=limit + 1)
            shown, more = sorted_page_of(
                rows, limit, sort, lambda row: (row.value, row.job.created_at, row.job.id)
            )
        return Page(data=[listed_out(row) for row in shown], next=more)


@router.get("/totals")
async def sum_training_jobs(web: Web, wanted: Filter) -> JobTotals:
    """What all the jobs of a list come to, those of pages that were not asked for included."""
    async with web.database.unit_of_work() as session:
        found = await totals_of(session, wanted)
    by_state = {JobState(state): count for state, count in found.by_state.items()}
    return JobTotals(
        count=sum(by_state.values()),
        by_state=by_state,
        run_time_s=found.run_time_s,
        tokens=found.tokens,
        size_bytes=found.size_bytes,
    )


@router.get("/waiting")
async def list_waiting_jobs(
    web: Web, limit: Annotated[int, Query(ge=1, le=5000, description="Jobs named, at most.")] = 1000
) -> WaitingJobs:
    """The queued jobs in the order in which they are taken."""
    async with web.database.unit_of_work() as session:
        ids, length = await repository.waiting_jobs(session, limit)
    return WaitingJobs(data=ids, length=length)


@router.get("/{job_id}")
async def get_training_job(web: Web, job_id: JobId) -> JobDetail:
    """One job with its chain, artifacts and reports."""
    async with web.database.unit_of_work() as session:
        return await job_detail(session, await service.get_job(session, job_id))


@router.get("/{job_id}/progress")
async def get_training_progress(web: Web, job_id: JobId) -> JobProgress:
    """How far a job is, for those who poll."""
    async with web.database.unit_of_work() as session:
        return job_progress(await service.get_slim_job(session, job_id))


@router.get("/{job_id}/metrics", response_model=MetricsOut)
async def get_training_metrics(
    web: Web,
    job_id: JobId,
    name: Annotated[list[Annotated[str, Query(max_length=128)]] | None, Query(max_length=50)] = None,
    width: Annotated[int, Query(ge=4, le=10_000, description="Points a curve, at most.")] = 1000,
    first_step: Annotated[int, Query(ge=0, le=2**53)] = 0,
    last_step: Annotated[int | None, Query(ge=0, le=2**53)] = None,
) -> Response:
    """The curves, down-sampled so that no minimum or maximum is lost; a range of steps shows them in full detail."""
    async with web.database.unit_of_work() as session:
        head = await service.get_head(session, job_id)
        series = await thinned_curves(
            session, job_id, name or [], width=width, first=first_step, last=last_step
        )
        clock = await run_clock(session, job_id)
    found = MetricsOut(series=series, clock=clock, head_seq=head.seq)
    return Response(found.model_dump_json(), media_type="application/json")


@router.get("/{job_id}/logs")
async def list_training_logs(
    web: Web,
    job_id: JobId,
    after: Annotated[int, Query(ge=0, le=2**53, description="Number of the last event seen.")] = 0,
    limit: Annotated[int, Query(ge=1, le=1000)] = 500,
    tail: Tail = None,
    before: Before = None,
) -> LogPage:
    """Log lines in order: those behind `after`, or with `tail` the last ones."""
    refuse_two_directions(after=after, tail=tail, before=before)
    if tail is None:
        batch = await read_batch(web.database, job_id, after=after, limit=limit, types=("log",))
    else:
        batch = await read_last(web.database, job_id, before=before, limit=tail, types=("log",))
    lines = [log_line(e.seq, e.epoch, e.at, e.body) for e in batch.events if isinstance(e.body, LogBatch)]
    more = tail is None and len(lines) == limit
    return LogPage(
        data=lines,
        next=str(lines[-1].seq) if more else None,
        earlier=earlier_than(batch.events, tail),
        head_seq=batch.head_seq,
    )


@router.post("/{job_id}/cancel", status_code=status.HTTP_202_ACCEPTED)
async def cancel_training_job(web: Web, job_id: JobId, body: JobCancel | None = None) -> JobOut:
    """Stop a job: at once when it has not begun, else as soon as its checkpoint is saved (or discarded)."""
    keep = (body or JobCancel()).checkpoint == "keep"
    async with web.database.unit_of_work() as session:
        job = await service.cancel_job(session, job_id, keep_checkpoint=keep)
        out = job_out(job)
    await publish_cancel(web.redis, job_id)
    await publish_head(web.redis, job_id)
    return out


@router.post(
    "/{job_id}/resume",
    status_code=status.HTTP_201_CREATED,
    response_model=JobDetail,
    dependencies=[Depends(GOES_ON)],
)
async def resume_training_job(web: Web, ollama: Ollama, job_id: JobId, key: Key = None) -> Response:
    """A new job that goes on from the last checkpoint of one that failed or was cancelled, followed by its chain."""
    made: list[JobRow] = []
    await _refuse_taken_name(ollama, await service.deployment_wish(web.database, job_id))
    async with web.database.unit_of_work() as session:

        async def work() -> tuple[int, JobDetail, dict[str, str]]:
            made.extend(await service.resume_job(session, web.settings.data_dir, job_id))
            detail = await job_detail(session, made[0])
            return status.HTTP_201_CREATED, detail, {"location": f"{router.prefix}/{detail.id}"}

        response = await once(session, key, f"resume_training_job:{job_id}", JobCancel(), work)
    await announce(web, made)
    return response


@router.post("/{job_id}/duplicate", status_code=status.HTTP_201_CREATED, response_model=JobDetail)
async def duplicate_training_job(
    web: Web, ollama: Ollama, job_id: JobId, body: JobDuplicate, key: Key = None
) -> Response:
    """The same request again, with another name or other settings."""
    made: list[JobRow] = []
    await _refuse_taken_name(ollama, await service.deployment_wish(web.database, job_id))
    async with web.database.unit_of_work() as session:

        async def work() -> tuple[int, JobDetail, dict[str, str]]:
            again = service.duplicate_job(
                session, web.settings.data_dir, job_id, name=body.name, config=body.config
            )
            made.extend(await again)
            detail = await job_detail(session, made[0])
            return status.HTTP_201_CREATED, detail, {"location": f"{router.prefix}/{detail.id}"}

        response = await once(session, key, f"duplicate_training_job:{job_id}", body, work)
    await announce(web, made)
    return response


@router.post("/{job_id}/deploy", status_code=status.HTTP_201_CREATED, response_model=JobDetail)
async def deploy_training_job(
    web: Web, ollama: Ollama, job_id: JobId, body: DeployRequest, key: Key = None
) -> Response:
    """Deploy what a finished training has left: the job that does so, behind the exports that are not there yet."""
    made: list[JobRow] = []
    await _refuse_taken_name(ollama, body)
    async with web.database.unit_of_work() as session:

        async def work() -> tuple[int, JobDetail, dict[str, str]]:
            made.extend(await service.deploy_job(session, web.settings.data_dir, job_id, body))
            detail = await job_detail(session, made[0])
            return status.HTTP_201_CREATED, detail, {"location": f"{router.prefix}/{detail.id}"}

        response = await once(session, key, f"deploy_training_job:{job_id}", body, work)
    await announce(web, made)
    return response


@router.get("/{job_id}/files")
async def get_training_files(web: Web, job_id: JobId) -> JobFiles:
    """What deleting a job would free, and who needs it."""
    async with web.database.unit_of_work() as session:
        return await service.files_of(session, web.settings.data_dir, job_id)


@router.delete("/{job_id}")
async def delete_training_job(web: Web, job_id: JobId) -> JobDeleted:
    """Delete a job that has ended, with its files; 409 while somebody needs them."""
    async with web.database.unit_of_work() as session:
        await service.delete_job(session, job_id)
    freed = await service.remove_files(web.settings.data_dir, job_id)
    return JobDeleted(id=job_id, freed_bytes=freed)


def refuse_two_directions(*, after: int, tail: int | None, before: int | None) -> None:
    """Check that one reads forward from `after`, or backward by `tail` and `before`.

    Raises:
        TwoDirectionsError: both are named, or `before` alone.
    """
    if (tail is not None and after) or (tail is None and before is not None):
        raise TwoDirectionsError


def earlier_than(events: Sequence[JobEvent], tail: int | None) -> int | None:
    """What to give as `before` for the events before these; None where there are none, or none were asked for so."""
    return events[0].seq if tail is not None and len(events) == tail else None


async def _refuse_taken_name(ollama: OllamaConnection, deploy: DeployRequest | None) -> None:
    """Before hours of training: the model can have the name that it is to get.

    Raises:
        AppError: another has it, and it is not to be replaced.
        UnavailableError: the engine that is to serve it cannot be reached.
    """
    if deploy is not None and (refuse_taken := REFUSE_TAKEN.get(deploy.target)):
        await refuse_taken(ollama, deploy.tag, replace=deploy.replace)


async def announce(web: WebState, made: list[JobRow]) -> None:
    """After the commit: wake a worker and the readers."""
    for job in made:
        await publish_head(web.redis, job.id)
        if job.state == JobState.QUEUED:
            await send_poke(web.redis, job.id)
