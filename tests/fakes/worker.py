"""A worker process for scripted jobs: `python worker.py JSON`; prints `ready`, ends in order on SIGTERM.

The JSON: `database_url`, `redis_url`, `data_dir`, `cpus`. Like `entry.worker`, but with `ScriptedWork`.
"""

import asyncio
import json
import signal
import sys
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from redis.asyncio import Redis

from llmlora.engine.hosts.process import executed
from llmlora.engine.jobs.job_run import RunDependencies
from llmlora.engine.jobs.poke import receive_pokes
from llmlora.engine.jobs.worker import Worker, this_machine
from llmlora.kit.db import Database

from tests.fakes.work import TRAINER, ScriptedWork


async def main(database_url: str, redis_url: str, data_dir: Path, cpus: int) -> None:
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    database, redis = Database(database_url), Redis.from_url(redis_url)
    parts = RunDependencies(
        database=database,
        data_dir=data_dir,
        work=ScriptedWork(database, data_dir),
        on_change=lambda job_ids: worker.announce(job_ids),
        host=executed(TRAINER),
    )
    worker = Worker(parts, redis, replace(this_machine(), cpus=cpus))
    poking = asyncio.create_task(receive_pokes(redis_url, worker.poke))
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    await worker.run(stop)
    poking.cancel()
    with suppress(asyncio.CancelledError):
        await poking
    await redis.aclose()
    await database.close()


if __name__ == "__main__":
    given = json.loads(sys.argv[1])
    asyncio.run(main(given["database_url"], given["redis_url"], Path(given["data_dir"]), given["cpus"]))
