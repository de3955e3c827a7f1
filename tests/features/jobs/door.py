"""What the tests of the jobs' API do again and again."""

from pathlib import Path
from typing import Any

import httpx

from llmlora.contracts.events import Checkpoint, Failure, MetricBatch
from llmlora.contracts.states import JobState
from llmlora.engine.jobs.capacity import Capacity, Slots
from llmlora.engine.jobs.event_store import Fact
from llmlora.engine.jobs.queue import claim_next_job, finish_job, lock_owned, store_facts
from llmlora.kit.clock import utc_now
from llmlora.kit.db import Database
from llmlora.kit.files import published_directory
from llmlora.kit.manifest import write_manifest
from llmlora.kit.settings import Settings

JOBS = "/api/training/jobs"
QUICK = {"rank": 4, "epochs": 1}


async def created(client: httpx.AsyncClient, body: dict[str, Any]) -> dict[str, Any]:
    response = await client.post(JOBS, json=body)
    assert response.status_code == 201, response.text
    document: dict[str, Any] = response.json()
    return document


async def claimed(database: Database, job_id: str) -> int:
    """Take a queued job as a worker would; its epoch."""
    free = Slots(Capacity(cpus=64, gpus=(), memory_bytes=1 << 50, identity="-", born="-")).free()
    async with database.unit_of_work() as session:
        job = await claim_next_job(session, "wk_test", free, only=frozenset({job_id}))
        assert job is not None
        return job.epoch


async def stored(database: Database, job_id: str, epoch: int, *bodies: Any) -> None:
    facts = [Fact(utc_now(), body, n) for n, body in enumerate(bodies, 1)]
    async with database.unit_of_work() as session:
        await store_facts(session, job_id, epoch, facts)


async def ended(
    database: Database, job_id: str, epoch: int, state: JobState, failure: Failure | None = None
) -> None:
    async with database.unit_of_work() as session:
        await finish_job(session, await lock_owned(session, job_id, epoch), state, failure=failure)


def checkpoint_of(data_dir: Path, job_id: str, step: int, weights_bytes: int = 0) -> Checkpoint:
    """A whole checkpoint on disk and the event that announces it."""
    target = data_dir / "jobs" / job_id / "1" / "checkpoints" / f"step-{step:08d}"
    with published_directory(target) as directory:
        (directory / "state.json").write_text(f'{{"step": {step}}}')
        if weights_bytes:
            with (directory / "parameters.safetensors").open("wb") as stream:
                stream.truncate(weights_bytes)
        write_manifest(directory, step=step)
    path = target.relative_to(data_dir).as_posix()
    return Checkpoint(step=step, path=path, sha256="0" * 64, size_bytes=10)


async def cancelled(
    client: httpx.AsyncClient, database: Database, settings: Settings, body: dict[str, Any],
    steps: range = range(1, 4), saved: int = 2,
) -> dict[str, Any]:  # fmt: skip
    """A job that was cancelled with a checkpoint."""
    job = await created(client, body)
    epoch = await claimed(database, job["id"])
    points = [MetricBatch(step=step, values={"train/loss": 1 / step}) for step in steps]
    await stored(database, job["id"], epoch, *points, checkpoint_of(settings.data_dir, job["id"], saved))
    await ended(database, job["id"], epoch, JobState.CANCELLED)
    return job
