"""A worker: `python -m llmlora.entry.worker --data-dir DIR`. arq pokes it, PostgreSQL tells it what to do."""

import asyncio
import signal
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from redis.asyncio import Redis

from llmlora.engine.embedded.services import ServiceUrls, running_services
from llmlora.engine.hosts.handle import Host
from llmlora.engine.hosts.nursery import Nursery, can_fork
from llmlora.engine.hosts.process import RECIPE
from llmlora.engine.job_run import Bench, JobWork
from llmlora.engine.poke import receive_pokes
from llmlora.engine.serving.pool_client import InferenceClient
from llmlora.engine.serving.spec import EndpointSource
from llmlora.engine.supervisor import Supervisor
from llmlora.entry.program import program_settings
from llmlora.features.runs.work import RecipeWork
from llmlora.kit.db import Database
from llmlora.kit.settings import Settings


@dataclass(frozen=True)
class Craft:
    """What a worker runs: who prepares and settles its jobs, and how their children start."""

    work: Callable[[Database, Settings, EndpointSource], JobWork] = RecipeWork
    host: Host = RECIPE


RECIPES = Craft()


async def work(
    settings: Settings,
    urls: ServiceUrls,
    endpoints: EndpointSource,
    stop: asyncio.Event,
    *,
    only: frozenset[str] = frozenset(),
    craft: Craft = RECIPES,
) -> None:
    """Take jobs (of `only`, if given) until `stop` is set; running ones save a checkpoint and go back to the queue."""
    nursery = Nursery(settings.data_dir)
    database, redis = Database(urls.database_url), Redis.from_url(urls.redis_url)
    bench = Bench(
        database=database,
        data_dir=settings.data_dir,
        work=craft.work(database, settings, endpoints),
        on_change=lambda job_ids: supervisor.announce(job_ids),
        host=nursery.start if craft.host is RECIPE and can_fork() else craft.host,
    )
    supervisor = Supervisor(bench, redis, only=only)
    poking = asyncio.create_task(receive_pokes(urls.redis_url, supervisor.poke))
    try:
        await supervisor.run(stop)
    finally:
        poking.cancel()
        with suppress(asyncio.CancelledError):
            await poking
        await nursery.close()
        await redis.aclose()
        await database.close()


async def serve(settings: Settings, craft: Craft = RECIPES) -> None:
    """Work until SIGTERM or SIGINT."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    async with running_services(settings) as urls:
        await work(settings, urls, InferenceClient(settings.data_dir), stop, craft=craft)


def main() -> None:
    """Begin as `up` asks and work."""
    asyncio.run(serve(program_settings()))


if __name__ == "__main__":
    main()
