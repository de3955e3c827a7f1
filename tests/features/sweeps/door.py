"""What the tests of batches and sweeps do again and again."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx

from llmlora.engine.hosts.process import RECIPE
from llmlora.engine.jobs.worker import Worker
from llmlora.features.runs.work import RecipeWork
from llmlora.kit.settings import Settings

from tests.fakes.here_host import start_here
from tests.fakes.work import capacity_of
from tests.fakes.workers import Testbed, working
from tests.features.chat_door import Nowhere

BATCHES = "/api/batches"
SWEEPS = "/api/sweeps"


@asynccontextmanager
async def at_work(testbed: Testbed, cpus: int = 4) -> AsyncIterator[Worker]:
    """A worker whose runs are threads."""
    work = RecipeWork(testbed.database, Settings(data_dir=testbed.data_dir), Nowhere())
    async with working(testbed, capacity_of(cpus), work, host=start_here) as worker:
        poking = asyncio.create_task(_poke(worker))
        yield worker
        poking.cancel()


@asynccontextmanager
async def at_work_in_children(testbed: Testbed, cpus: int = 4) -> AsyncIterator[Worker]:
    """A worker whose runs are processes, as everywhere but in tests."""
    work = RecipeWork(testbed.database, Settings(data_dir=testbed.data_dir), Nowhere())
    async with working(testbed, capacity_of(cpus), work, host=RECIPE) as worker:
        poking = asyncio.create_task(_poke(worker))
        yield worker
        poking.cancel()


async def _poke(worker: Worker) -> None:
    """What the queue does when a job is made."""
    while True:
        worker.poke()
        await asyncio.sleep(0.1)


async def posted(client: httpx.AsyncClient, path: str, body: dict[str, Any], status: int = 201) -> Any:
    """The answer, whose status has to be this."""
    response = await client.post(path, json=body)
    assert response.status_code == status, response.text
    return response.json()


async def read(client: httpx.AsyncClient, path: str, **params: Any) -> Any:
    """What stands there."""
    response = await client.get(path, params=params)
    assert response.status_code == 200, response.text
    return response.json()
