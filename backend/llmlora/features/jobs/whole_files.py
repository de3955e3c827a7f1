"""Curves and logs as files that hold all there is, sent while they are read: no more than a page lies in memory."""

import csv
import io
import math
from collections.abc import AsyncIterator, Sequence
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Query
from sqlalchemy import select
from sqlmodel import col
from starlette.responses import StreamingResponse

from llmlora.contracts.events import LogBatch
from llmlora.features.jobs import service
from llmlora.features.jobs.endpoints import JobId
from llmlora.features.jobs.following import read_batch
from llmlora.kit.db import Database
from llmlora.kit.web.state import Web
from llmlora.tables.metric_point import MetricPointRow

router = APIRouter(prefix="/api/training", tags=["training"])

PAGE = 2000
MOST_RUNS = 50
BYTE_ORDER_MARK = "\ufeff"
"""By it a spreadsheet takes the file for UTF-8."""
CSV, TEXT = "text/csv; charset=utf-8", "text/plain; charset=utf-8"
Names = Annotated[list[Annotated[str, Query(max_length=128)]] | None, Query(max_length=50)]


@router.get(
    "/jobs/{job_id}/metrics.csv",
    response_class=StreamingResponse,
    responses={200: {"content": {"text/csv": {"schema": {"type": "string"}}}}},
)
async def download_training_metrics(web: Web, job_id: JobId, name: Names = None) -> StreamingResponse:
    """Every point of the curves (all, or those named) as CSV: a line a step, a column a curve."""
    async with web.database.unit_of_work() as session:
        job = await service.get_slim_job(session, job_id)
        title = job.name
    names = name or await _names_of(web.database, job_id)
    return _sent(_by_step(web.database, job_id, names), CSV, f"{title}-metrics.csv")


@router.get(
    "/metrics.csv",
    response_class=StreamingResponse,
    responses={200: {"content": {"text/csv": {"schema": {"type": "string"}}}}},
)
async def download_compared_metrics(
    web: Web,
    job_id: Annotated[list[Annotated[str, Query(max_length=64)]], Query(min_length=1, max_length=MOST_RUNS)],
    name: Names = None,
) -> StreamingResponse:
    """Every point of the curves (all, or those named) of some jobs as CSV: a line a point, with the job and its name."""
    runs = []
    async with web.database.unit_of_work() as session:
        for one in dict.fromkeys(job_id):
            runs.append((one, (await service.get_slim_job(session, one)).name))
    return _sent(_by_run(web.database, runs, name), CSV, "llmlora-compare.csv")


@router.get(
    "/jobs/{job_id}/log.txt",
    response_class=StreamingResponse,
    responses={200: {"content": {"text/plain": {"schema": {"type": "string"}}}}},
)
async def download_training_log(web: Web, job_id: JobId) -> StreamingResponse:
    """The whole log as text: time, level and message of each line."""
    async with web.database.unit_of_work() as session:
        title = (await service.get_slim_job(session, job_id)).name
    return _sent(_log_of(web.database, job_id), TEXT, f"{title}.log")


async def _by_step(database: Database, job_id: str, names: Sequence[str]) -> AsyncIterator[str]:
    """Curves merged by step: the next line is the least step that any of them has next."""
    yield BYTE_ORDER_MARK + _lines([["step", *map(disarmed, names)]])
    curves = [_points(database, job_id, name) for name in names]
    heads = [await anext(curve, None) for curve in curves]
    waiting: list[list[str]] = []
    while any(heads):
        step = min(head[0] for head in heads if head)
        row = [str(step)]
        for place, head in enumerate(heads):
            if head is None or head[0] != step:
                row.append("")
                continue
            row.append(number_text(head[1]))
            heads[place] = await anext(curves[place], None)
        waiting.append(row)
        if len(waiting) == PAGE:
            yield _lines(waiting)
            waiting = []
    yield _lines(waiting)


async def _by_run(
    database: Database, runs: Sequence[tuple[str, str]], names: Sequence[str] | None
) -> AsyncIterator[str]:
    yield BYTE_ORDER_MARK + _lines([["run", "name", "metric", "step", "value"]])
    for job_id, title in runs:
        for name in names or await _names_of(database, job_id):
            waiting: list[list[str]] = []
            async for step, value in _points(database, job_id, name):
                waiting.append([job_id, disarmed(title), disarmed(name), str(step), number_text(value)])
                if len(waiting) == PAGE:
                    yield _lines(waiting)
                    waiting = []
            yield _lines(waiting)


async def _log_of(database: Database, job_id: str) -> AsyncIterator[str]:
    after: int | None = 0
    while after is not None:
        batch = await read_batch(database, job_id, after=after, limit=PAGE // 2, types=("log",))
        yield "".join(
            f"{event.at.isoformat()} {event.body.level:7} {event.body.message}\n"
            for event in batch.events
            if isinstance(event.body, LogBatch)
        )
        after = batch.events[-1].seq if len(batch.events) == PAGE // 2 else None


async def _names_of(database: Database, job_id: str) -> list[str]:
    """The curves of a job by name. Each is found by a jump of the index behind the one before, not by reading points."""
    names: list[str] = []
    async with database.unit_of_work() as session:
        while True:
            following = select(col(MetricPointRow.name)).where(
                col(MetricPointRow.job_id) == job_id, col(MetricPointRow.name) > (names[-1] if names else "")
            )
            found = await session.scalar(following.order_by(col(MetricPointRow.name)).limit(1))
            if found is None:
                return names
            names.append(found)


async def _points(database: Database, job_id: str, name: str) -> AsyncIterator[tuple[int, float]]:
    """A curve in order of its steps, a page a transaction."""
    after = -1
    while True:
        page = (
            select(col(MetricPointRow.step), col(MetricPointRow.value))
            .where(
                col(MetricPointRow.job_id) == job_id,
                col(MetricPointRow.name) == name,
                col(MetricPointRow.step) > after,
            )
            .order_by(col(MetricPointRow.step))
            .limit(PAGE)
        )
        async with database.unit_of_work() as session:
            points = (await session.execute(page)).all()
        for step, value in points:
            yield step, value
        if len(points) < PAGE:
            return
        after = points[-1].step


def number_text(value: float) -> str:
    """A value in full, so that nothing is lost; NaN and Infinity as spreadsheets and pandas know them."""
    if math.isfinite(value):
        return repr(float(value))
    return "NaN" if math.isnan(value) else ("Infinity" if value > 0 else "-Infinity")


def disarmed(text: str) -> str:
    """A name that no spreadsheet takes for a formula."""
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text


def _lines(rows: Sequence[Sequence[str]]) -> str:
    sink = io.StringIO()
    csv.writer(sink, lineterminator="\r\n").writerows(rows)
    return sink.getvalue()


def _sent(pieces: AsyncIterator[str], media_type: str, name: str) -> StreamingResponse:
    """A stream that breaks off ends without its last chunk: the browser says that the download failed."""
    safe = "".join(letter if letter.isprintable() and letter not in '\\/:*?"<>|' else "-" for letter in name)
    headers = {
        "content-disposition": f"attachment; filename*=UTF-8''{quote(safe)}",
        "cache-control": "no-cache",
    }
    return StreamingResponse(pieces, media_type=media_type, headers=headers)
