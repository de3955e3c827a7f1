"""A worker: claims jobs that fit, runs them side by side by plan, sweeps what dead workers left.

Guarantee: with the queue server gone, a job still starts within the poll of two seconds; with the database gone, the
children go on and their events wait in their spools.
"""

import asyncio
import os
import platform
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

import structlog
from redis.asyncio import Redis
from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from llmlora.contracts.states import FINAL_STATES, JobState
from llmlora.engine.embedded.processes import birth_of, is_same_process
from llmlora.engine.hosts.orphans import end_orphans
from llmlora.engine.hosts.running import Outcome
from llmlora.engine.jobs.capacity import Capacity, Grant, Slots, measure_capacity
from llmlora.engine.jobs.hints import CANCEL_CHANNEL, HintHub, publish_head
from llmlora.engine.jobs.job_run import JobRun, RunDependencies
from llmlora.engine.jobs.queue import claim_next_job, sweep_dead_worker, sweep_lapsed
from llmlora.kit.db import is_outage
from llmlora.kit.ids import new_id
from llmlora.tables.job import JobRow
from llmlora.tables.worker import WorkerRow

POLL_S = 2.0
SWEEP_S = 5.0
SEEN_S = 5.0
ALIVE_S = 15.0

_log = structlog.get_logger()


class Worker:
    """The jobs of one worker process. `run` returns after `stop` was set and every child has ended.

    `only`: ids of the jobs it may take (a command's own); empty: any.
    """

    def __init__(
        self,
        parts: RunDependencies,
        redis: Redis,
        capacity: Capacity | None = None,
        *,
        only: frozenset[str] = frozenset(),
    ) -> None:
        self.worker_id = new_id("wk")
        self._parts = parts
        self._redis = redis
        self._capacity = capacity or this_machine()
        self._slots = Slots(self._capacity)
        self._only = only
        self._runs: dict[str, JobRun] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._poked = asyncio.Event()
        self._cancels = HintHub(redis, CANCEL_CHANNEL)

    def poke(self, _job_id: str = "") -> None:
        """Look for jobs now."""
        self._poked.set()

    def announce(self, job_ids: Sequence[str]) -> None:
        """Tell readers that these jobs have new events."""
        for job_id in job_ids:
            self._spawn(publish_head(self._redis, job_id))

    async def run(self, stop: asyncio.Event) -> None:
        """Claim and run until `stop`; then save, give back and end."""
        loops = [
            asyncio.create_task(self._every(SEEN_S, self._register)),
            asyncio.create_task(self._every(SWEEP_S, self._sweep)),
            asyncio.create_task(self._cancels.listen()),
            asyncio.create_task(self._claim_forever()),
        ]
        try:
            await stop.wait()
        finally:
            for task in loops:
                task.cancel()
            await asyncio.gather(*loops, return_exceptions=True)
            for run in self._runs.values():
                run.stop()
            while self._tasks:
                await asyncio.wait(set(self._tasks))
            await self._sign_off()

    async def _claim_forever(self) -> None:
        while True:
            self._poked.clear()
            await self._reaching_the_database(self._claim_all)
            with suppress(TimeoutError):
                async with asyncio.timeout(POLL_S):
                    await self._poked.wait()

    async def _claim_all(self) -> None:
        while True:
            free = self._slots.free()
            if free.is_full:
                return
            async with self._parts.database.unit_of_work() as session:
                job = await claim_next_job(
                    session, self.worker_id, free, only=self._only, lease=self._parts.lease
                )
                if job is not None:
                    session.expunge(job)
            if job is None:
                return
            # Taken before the next look at what is free: the task begins only when this one waits.
            self._spawn(self._run(job, self._slots.take(job)))

    async def _run(self, job: JobRow, grant: Grant) -> None:
        run = JobRun(self._parts, job, grant)
        self._runs[job.id] = run
        self.announce([job.id])
        _log.info("job: started", job=job.id, recipe=job.recipe, epoch=job.epoch)
        watching = asyncio.create_task(self._hear_cancels(job.id, run))
        try:
            await run.execute()
        except Exception as error:
            _log.error("job: its run broke", job=job.id, exc_info=error)
        finally:
            watching.cancel()
            self._runs.pop(job.id, None)
            self._slots.give_back(job.id)
            self._poked.set()

    async def _hear_cancels(self, job_id: str, run: JobRun) -> None:
        with self._cancels.watching(job_id) as hint:
            while True:
                await hint.wait()
                hint.clear()
                run.relay.wake()

    async def _sweep(self) -> None:
        async with self._parts.database.unit_of_work() as session:
            changed = await sweep_lapsed(session)
            await self._settle_ended(session, changed)
        if changed:
            _log.warning("jobs: their leases had lapsed", jobs=changed)
            self.announce(changed)
            self.poke()

    async def _register(self) -> None:
        """Say that this worker lives; settle the jobs of workers of this machine that do not."""
        async with self._parts.database.unit_of_work() as session:
            mine = upsert(WorkerRow).values(
                id=self.worker_id,
                host=platform.node(),
                pid=os.getpid(),
                capacity={**self._capacity.document(), "takes_any_job": not self._only},
                started_at=func.now(),
                seen_at=func.now(),
            )
            await session.execute(
                mine.on_conflict_do_update(index_elements=["id"], set_={"seen_at": func.now()})
            )
            others = await session.scalars(select(WorkerRow).where(col(WorkerRow.id) != self.worker_id))
            dead = [row.id for row in others if _is_dead(row, self._capacity.identity)]
            changed: list[str] = []
            for worker_id in dead:
                changed += await sweep_dead_worker(session, worker_id)
            await self._settle_ended(session, changed)
            if dead:
                await session.execute(delete(WorkerRow).where(col(WorkerRow.id).in_(dead)))
        self.announce(changed)

    async def _settle_ended(self, session: AsyncSession, changed: Sequence[str]) -> None:
        """Tell the features about swept jobs that will not run again."""
        for job_id in changed:
            job = await session.get_one(JobRow, job_id)
            if job.state in FINAL_STATES:
                await asyncio.to_thread(end_orphans, self._parts.data_dir / "jobs" / job_id)
                await self._parts.work.ended(session, job, Outcome(state=JobState(job.state)))

    async def _sign_off(self) -> None:
        with suppress(Exception):
            async with self._parts.database.unit_of_work() as session:
                await session.execute(delete(WorkerRow).where(col(WorkerRow.id) == self.worker_id))

    async def _every(self, seconds: float, work: Callable[[], Awaitable[None]]) -> None:
        while True:
            await self._reaching_the_database(work)
            await asyncio.sleep(seconds)

    async def _reaching_the_database(self, work: Callable[[], Awaitable[None]]) -> None:
        """Do it, or leave it for the next time when the database is away; a defect must not end the worker."""
        try:
            await work()
        except Exception as error:
            if is_outage(error):
                _log.info("worker: the database is away", reason=type(error).__name__)
            else:
                _log.error("worker: a round failed", exc_info=error)

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


async def any_worker_lives(session: AsyncSession) -> bool:
    """Whether a worker that takes any job was heard of in the last fifteen seconds, and is not known to be dead."""
    recent = col(WorkerRow.seen_at) > func.now() - timedelta(seconds=ALIVE_S)
    found = await session.scalars(select(WorkerRow).where(recent))
    here = _identity()
    return any(row.capacity.get("takes_any_job") and not _is_dead(row, here) for row in found)


def _is_dead(row: WorkerRow, identity: str) -> bool:
    """Certain only for processes of the machine and pid namespace that `identity` names: ours."""
    same_machine = row.capacity.get("identity") == identity
    return same_machine and not is_same_process(row.pid, str(row.capacity.get("born")))


def this_machine() -> Capacity:
    """The capacity of this machine, and how other processes on it recognise ours."""
    return measure_capacity(_identity(), birth_of(os.getpid()) or "")


def _identity() -> str:
    """The same for processes of one boot and one pid namespace, so that a container never judges another's pids."""
    try:
        namespace = Path("/proc/self/ns/pid").stat().st_ino
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    except OSError:
        return platform.node()
    return f"{boot}:{namespace}"
