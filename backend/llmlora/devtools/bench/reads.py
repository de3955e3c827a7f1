"""How much longer the answers about a long job take than those about a short one: recorded as a worker records them."""

import statistics
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import psutil
from fastapi import FastAPI

from llmlora.contracts.events import JobEventBody, LogBatch, MetricBatch, Progress
from llmlora.contracts.states import JobState
from llmlora.devtools.bench.figures import Figure
from llmlora.devtools.bench.stream import values_at
from llmlora.engine.embedded.services import running_services
from llmlora.engine.jobs.capacity import Slots
from llmlora.engine.jobs.event_store import Fact
from llmlora.engine.jobs.queue import claim_next_job, store_facts
from llmlora.engine.jobs.worker import this_machine
from llmlora.entry.api import create_app
from llmlora.features.jobs.repository import keep_job
from llmlora.kit.clock import utc_now
from llmlora.kit.db import Database
from llmlora.kit.ids import new_id
from llmlora.kit.settings import Settings
from llmlora.recipes import DEFAULT
from llmlora.tables.job import JobRow

SHORT, LONG = 50, 50_000
BATCH = 500
TURNS = 15
TIMES = 3.0
"""The budget: so many times as long for a thousand times the steps."""
PATHS = {
    "metrics": "metrics?width=1000",
    "last log lines": "events?types=log&tail=100",
    "last events": "events?tail=100",
    "log page": "logs?tail=100",
}


async def measure_reads(settings: Settings) -> list[Figure]:
    """Record a job of 50 steps and one of 50,000, and ask the API about both in turn."""
    async with running_services(settings) as urls:
        database = Database(urls.database_url)
        try:
            short, long = [await _recorded(database, steps) for steps in (SHORT, LONG)]
        finally:
            await database.close()
        app = create_app(settings, urls)
        async with app.router.lifespan_context(app), _client(app) as client:
            figures = []
            for name, path in PATHS.items():
                figures += await _compared(client, name, path, short, long)
            return figures


async def _compared(client: httpx.AsyncClient, name: str, path: str, short: str, long: str) -> list[Figure]:
    took: dict[str, list[float]] = {short: [], long: []}
    sizes: dict[str, int] = {}
    before = psutil.Process().memory_info().rss
    for _ in range(TURNS):  # in turn, so that a busy machine is busy for both
        for job_id in (short, long):
            begin = time.perf_counter()
            response = await client.get(f"/api/training/jobs/{job_id}/{path}")
            took[job_id].append(1000 * (time.perf_counter() - begin))
            response.raise_for_status()
            sizes[job_id] = len(response.content)
    grown = (psutil.Process().memory_info().rss - before) / 1e6
    first, second = (statistics.median(took[job_id]) for job_id in (short, long))
    ratios = [of_long / of_short for of_short, of_long in zip(took[short], took[long], strict=True)]
    subject, note = f"{LONG:,} steps ÷ {SHORT}", f"{first:.1f} → {second:.1f} ms, {sizes[long] / 1000:.0f} kB"
    return [
        Figure(
            subject,
            name,
            statistics.median(ratios),
            "×",
            TIMES,
            note=note,
            spread=(min(ratios), max(ratios)),
        ),
        Figure(subject, f"{name}: memory grown", grown, "MB"),
    ]


async def _recorded(database: Database, steps: int) -> str:
    """A running job with eight curves, a log line and a sign of progress for every step."""
    now = utc_now()
    job = JobRow(
        id=new_id("job"),
        name=f"{steps} steps",
        recipe=DEFAULT.name,
        state=JobState.QUEUED,
        config={},
        inputs={},
        next_run_at=now,
        created_at=now,
    )
    free = Slots(this_machine()).free()
    async with database.unit_of_work() as session:
        await keep_job(session, job, ())
        claimed = await claim_next_job(session, "wk_bench", free, only=frozenset({job.id}))
        assert claimed is not None
    for first in range(1, steps + 1, BATCH):
        bodies: list[JobEventBody] = []
        for step in range(first, min(first + BATCH, steps + 1)):
            bodies.append(MetricBatch(step=step, values=values_at(step)))
            bodies.append(LogBatch(level="info", message=f"step {step} of {steps}"))
            bodies.append(Progress(stage="train", done=step, total=steps, unit="steps"))
        facts = [Fact(utc_now(), body, 3 * (first - 1) + n) for n, body in enumerate(bodies, 1)]
        async with database.unit_of_work() as session:
            await store_facts(session, job.id, 1, facts)
    return job.id


@asynccontextmanager
async def _client(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost", timeout=600) as client:
        yield client
