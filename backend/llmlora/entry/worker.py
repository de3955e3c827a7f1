"""A worker: `python -m llmlora.entry.worker [--data-dir DIR]`. arq pokes it, PostgreSQL tells it what to do."""

import asyncio
import signal
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from redis.asyncio import Redis

from llmlora.engine.embedded.services import ServiceUrls, running_services
from llmlora.engine.hosts.handle import Host
from llmlora.engine.hosts.nursery import Nursery, can_fork
from llmlora.engine.hosts.process import RECIPE
from llmlora.engine.jobs.job_run import JobWork, RunDependencies
from llmlora.engine.jobs.poke import receive_pokes
from llmlora.engine.jobs.worker import Worker
from llmlora.engine.serving.pool_client import InferenceClient
from llmlora.engine.serving.spec import EndpointSource
from llmlora.entry.program import run_program
from llmlora.features.runs.work import RecipeWork
from llmlora.features.sweeps.searching import Searcher
from llmlora.features.webhooks.delivering import ENDING_S, Deliverer
from llmlora.kit.db import Database
from llmlora.kit.settings import Settings


@dataclass(frozen=True)
class WorkerSetup:
    """What a worker runs: who prepares and settles its jobs, and how their children start."""

    work: Callable[[Database, Settings, EndpointSource], JobWork] = RecipeWork
    host: Host = RECIPE


RECIPES = WorkerSetup()


async def work(
    settings: Settings,
    urls: ServiceUrls,
    endpoints: EndpointSource,
    stop: asyncio.Event,
    *,
    only: frozenset[str] = frozenset(),
    setup: WorkerSetup = RECIPES,
) -> None:
    """Take jobs (of `only`, if given) until `stop` is set; running ones save a checkpoint and go back to the queue."""
    nursery = Nursery(settings.data_dir)
    database, redis = Database(urls.database_url), Redis.from_url(urls.redis_url)

    def told(job_ids: Sequence[str]) -> None:
        worker.announce(job_ids)
        searcher.wake()

    parts = RunDependencies(
        database=database,
        data_dir=settings.data_dir,
        work=setup.work(database, settings, endpoints),
        on_change=told,
        host=nursery.start if setup.host is RECIPE and can_fork() else setup.host,
    )
    worker, searcher = Worker(parts, redis, only=only), Searcher(database, settings, redis)
    over = asyncio.Event()
    poking = asyncio.create_task(receive_pokes(urls.redis_url, worker.poke))
    delivering = asyncio.create_task(Deliverer(database, settings).run(over))
    searching = asyncio.create_task(searcher.run(stop))
    try:
        await worker.run(stop)
    finally:
        poking.cancel()
        over.set()  # only now: what ends with the worker is told, too
        await asyncio.wait({delivering}, timeout=ENDING_S)
        for task in (delivering, searching):
            task.cancel()
        await asyncio.gather(poking, delivering, searching, return_exceptions=True)
        await nursery.close()
        await redis.aclose()
        await database.close()


async def serve(settings: Settings, setup: WorkerSetup = RECIPES) -> None:
    """Work until SIGTERM or SIGINT."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    async with running_services(settings) as urls:
        await work(settings, urls, InferenceClient(settings), stop, setup=setup)


if __name__ == "__main__":
    sys.exit(run_program(serve))
