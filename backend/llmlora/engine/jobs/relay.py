"""From a run's spool file to PostgreSQL: in order, in batches, each event once, whatever fails in between.

The process host appends every event of the child to `events.jsonl`; the relay reads on from what is stored. An outage
of the database therefore costs no memory, and a batch whose acknowledgement was lost is recognised by its `src_seq`.
"""

import asyncio
import os
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import structlog
from pydantic import ValidationError

from llmlora.contracts.events import Artifact, Checkpoint, Event, JobEventBody, MetricBatch, event_adapter
from llmlora.engine.hosts.handle import RunHandle
from llmlora.engine.jobs.event_store import Fact, forget_pruned_checkpoints
from llmlora.engine.jobs.queue import LEASE, FencedError, Heartbeat, heartbeat, store_facts
from llmlora.kit.db import Database, is_outage

BATCH_WAIT_S = 0.2
BATCH_POINTS = 500
BATCH_BYTES = 4 << 20
# So often within a lease its holder gives a sign of life.
BEATS_A_LEASE = 10
RETRY_S = 1.0

_log = structlog.get_logger()


@dataclass
class RelayHooks:
    """What the relay tells its job run: what was heard, and which run to hold while the database is away."""

    on_heard: Callable[[Heartbeat], Awaitable[None]]
    run: Callable[[], RunHandle | None]


class Relay:
    """The events of one run (job, epoch)."""

    def __init__(
        self,
        database: Database,
        job_id: str,
        epoch: int,
        run_dir: Path,
        data_dir: Path,
        hooks: RelayHooks,
        lease: timedelta = LEASE,
    ) -> None:
        self._database = database
        self._lease = lease
        self._job_id, self._epoch = job_id, epoch
        self._run_dir, self._data_dir = run_dir, data_dir
        self._spool = run_dir / "events.jsonl"
        self._offset = 0
        self._news = asyncio.Event()
        self._hooks = hooks
        self._held = False

    def wake(self, _event: Event | None = None) -> None:
        """There is something new in the spool, or a reason to look at the job's row."""
        self._news.set()

    async def run(self) -> None:
        """Relay and keep the lease until cancelled.

        Raises:
            FencedError: another epoch owns the job.
        """
        while True:
            await self._beat()
            try:
                async with asyncio.timeout(self._lease.total_seconds() / BEATS_A_LEASE):
                    await self._news.wait()
                await asyncio.sleep(BATCH_WAIT_S / 2)  # let a batch gather
            except TimeoutError:
                pass
            self._news.clear()

    async def drain(self) -> None:
        """Store what is left in the spool.

        Raises:
            FencedError: another epoch owns the job.
        """
        while await self._beat():
            pass

    async def _beat(self) -> bool:
        """One batch, or a heartbeat when there is none; repeated until the database takes it. True: a batch."""
        facts, end = await asyncio.to_thread(self._read_batch)
        last_ok = asyncio.get_running_loop().time()
        while True:
            try:
                heard = await self._store(facts)
                break
            except Exception as error:
                if not is_outage(error):
                    raise
                self._hold_after(asyncio.get_running_loop().time() - last_ok)
                await asyncio.sleep(RETRY_S)
        self._offset = end
        self._release()
        await self._hooks.on_heard(heard)
        return bool(facts)

    async def _store(self, facts: list[Fact]) -> Heartbeat:
        async with self._database.unit_of_work() as session:
            if not facts:
                return await heartbeat(session, self._job_id, self._epoch, lease=self._lease)
            heard = await store_facts(session, self._job_id, self._epoch, facts, lease=self._lease)
            if any(isinstance(fact.body, Checkpoint) for fact in facts):
                await forget_pruned_checkpoints(session, self._job_id, self._data_dir)
            return heard

    def _hold_after(self, silence_s: float) -> None:
        """Past the lease somebody else may run the job: hold our run until we know."""
        run = self._hooks.run()
        if not self._held and run is not None and silence_s > self._lease.total_seconds():
            _log.warning("relay: the database is away past the lease, the run waits", job=self._job_id)
            run.hold()
            self._held = True

    def _release(self) -> None:
        run = self._hooks.run()
        if self._held and run is not None:
            run.go_on()
        self._held = False

    def _read_batch(self) -> tuple[list[Fact], int]:
        """The next whole lines of the spool as facts, and where they end."""
        facts: list[Fact] = []
        points, end = 0, self._offset
        try:
            stream = self._spool.open("rb")
        except FileNotFoundError:
            return [], end
        with stream:
            stream.seek(end)
            while points < BATCH_POINTS and stream.tell() - self._offset < BATCH_BYTES:
                line = stream.readline()
                if not line.endswith(b"\n"):
                    break
                end = stream.tell()
                try:
                    event = event_adapter.validate_json(line)
                except ValidationError:  # the host checked it before it wrote it; a broken disk remains
                    continue
                facts.append(Fact(event.at, self._placed(event.body), event.src_seq))
                points += len(event.body.values) if isinstance(event.body, MetricBatch) else 1
        return facts, end

    def _placed(self, body: JobEventBody) -> JobEventBody:
        """Paths relative to the data root instead of the run directory."""
        if not isinstance(body, Artifact | Checkpoint):
            return body
        path = self._run_dir / body.path
        inside = path.is_relative_to(self._data_dir)
        shown = os.fspath(path.relative_to(self._data_dir) if inside else path)
        return body.model_copy(update={"path": shown})


__all__ = ["FencedError", "Relay", "RelayHooks"]
