"""Workers for scripted jobs: in this process, or as processes of their own that can be killed and stopped."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import psutil
from redis.asyncio import Redis

from llmlora.engine.embedded.services import ServiceUrls
from llmlora.engine.hosts.handle import Host
from llmlora.engine.hosts.process import executed
from llmlora.engine.jobs.capacity import Capacity
from llmlora.engine.jobs.job_run import JobWork, RunDependencies
from llmlora.engine.jobs.queue import LEASE
from llmlora.engine.jobs.worker import Worker
from llmlora.kit.db import Database
from llmlora.kit.processes import PARENT_VARIABLE

from tests.factories import REPOSITORY
from tests.fakes.trainer import GRANDCHILD
from tests.fakes.work import TRAINER, ScriptedWork, as_argument, capacity_of, until

END_S = 60.0


@dataclass(frozen=True)
class Testbed:
    """Where a test's jobs live."""

    database: Database
    urls: ServiceUrls
    data_dir: Path


@asynccontextmanager
async def working(
    testbed: Testbed,
    capacity: Capacity | None = None,
    work: JobWork | None = None,
    lease: timedelta = LEASE,
    host: Host | None = None,
) -> AsyncIterator[Worker]:
    """A worker in this process; at the end it is asked to stop, and has to."""
    redis: Redis = Redis.from_url(testbed.urls.redis_url)
    parts = RunDependencies(
        database=testbed.database,
        data_dir=testbed.data_dir,
        work=work or ScriptedWork(testbed.database, testbed.data_dir),
        on_change=lambda job_ids: worker.announce(job_ids),
        host=host or executed(TRAINER),
        lease=lease,
    )
    worker = Worker(parts, redis, capacity or capacity_of(4))
    stop = asyncio.Event()
    running = asyncio.create_task(worker.run(stop))
    try:
        yield worker
    finally:
        stop.set()
        await asyncio.wait_for(running, END_S)
        await redis.aclose()


@contextmanager
def worker_process(testbed: Testbed, *, cpus: int = 4) -> Iterator["subprocess.Popen[str]"]:
    """A worker in a process of its own, ready to be hurt; ended in order where it still lives."""
    told = as_argument(
        database_url=testbed.urls.database_url,
        redis_url=testbed.urls.redis_url,
        data_dir=testbed.data_dir,
        cpus=cpus,
    )
    log = (testbed.data_dir / "worker.log").open("a")
    # Whoever runs the tests may itself be a child that was told to die with its parent.
    env = {name: value for name, value in os.environ.items() if name != PARENT_VARIABLE}
    worker = subprocess.Popen(
        [sys.executable, "-m", "tests.fakes.worker", told],
        cwd=REPOSITORY,
        env=env,
        stdout=subprocess.PIPE,
        stderr=log,
        text=True,
    )
    try:
        assert worker.stdout is not None
        assert worker.stdout.readline() == "ready\n", (testbed.data_dir / "worker.log").read_text()[-2000:]
        yield worker
    finally:
        worker.send_signal(signal.SIGCONT)
        worker.terminate()
        with suppress(subprocess.TimeoutExpired):
            worker.wait(END_S)
        worker.kill()
        worker.wait()
        if worker.stdout is not None:
            worker.stdout.close()
        log.close()


def run_dir(testbed: Testbed, job_id: str, epoch: int = 1) -> Path:
    """Where one claim of a job works."""
    return testbed.data_dir / "jobs" / job_id / str(epoch)


async def child_of(testbed: Testbed, job_id: str, epoch: int = 1) -> int:
    """The pid of the child that runs a job, once it is there."""
    return await _pid_in(run_dir(testbed, job_id, epoch) / "pid")


async def grandchild_of(testbed: Testbed, job_id: str, epoch: int = 1) -> int:
    """The pid of what the child started, once it is there."""
    return await _pid_in(run_dir(testbed, job_id, epoch) / GRANDCHILD)


async def _pid_in(path: Path) -> int:
    async def look() -> str:
        return path.read_text() if path.exists() else ""

    return int(await until(look))


def lives(pid: int) -> bool:
    """Whether a process runs; a zombie does not."""
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


async def until_gone(*pids: int, timeout_s: float = 30.0) -> None:
    """Wait until none of the processes lives."""

    async def look() -> list[int]:
        return [pid for pid in pids if lives(pid)]

    await until(look, lambda alive: not alive, timeout_s=timeout_s)


def open_gate(testbed: Testbed, gate: str) -> None:
    """Let the children that wait at a gate of their script go on."""
    (testbed.data_dir / gate).touch()
