"""One claimed job on this worker: prepared, run in a child, relayed, and settled under its fence."""

import asyncio
import shutil
from collections.abc import Callable, Coroutine, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any, Protocol

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from llmlora.contracts.events import Artifact, FailureClass
from llmlora.contracts.failures import failure_of
from llmlora.contracts.run import RunSpec
from llmlora.contracts.states import JobState
from llmlora.engine.hosts.handle import Host, RunHandle
from llmlora.engine.hosts.orphans import end_orphans
from llmlora.engine.hosts.process import RECIPE
from llmlora.engine.hosts.running import Outcome, run_recipe
from llmlora.engine.jobs.capacity import Grant
from llmlora.engine.jobs.event_store import forget_checkpoints, forget_pruned_checkpoints
from llmlora.engine.jobs.queue import (
    LEASE,
    MAX_ATTEMPTS,
    PRUNE,
    PRUNED,
    STOPPING,
    FencedError,
    Heartbeat,
    finish_job,
    lock_owned,
    requeue_job,
)
from llmlora.engine.jobs.relay import RETRY_S, Relay, RelayHooks
from llmlora.kit.db import Database, is_outage
from llmlora.kit.files import OnBytes, sha256_of_file, sha256_of_files, sha256_of_tree
from llmlora.kit.reading import read_aside
from llmlora.recipes.failures import classify
from llmlora.tables.job import JobRow

_log = structlog.get_logger()


@dataclass(frozen=True)
class Prepared:
    """All that a child is told. `secrets` come by a pipe: they stand in no file and in no environment."""

    spec: RunSpec
    extra_env: Mapping[str, str] = field(default_factory=dict)
    secrets: Mapping[str, str] = field(default_factory=dict)


class JobWork(Protocol):
    """What the features know about jobs and the engine does not: inputs before the run, rows after it."""

    def prepared(self, job: JobRow, grant: Grant) -> AbstractAsyncContextManager[Prepared]:
        """Turn a job's references into paths, and hold what its child needs (a server, say) while the block runs.

        Raises:
            AppError: the job fails with these words; `UnavailableError` means: try again later.
        """

    async def completed(self, session: AsyncSession, job: JobRow, outcome: Outcome) -> None:
        """In the transaction that completes the job: write what it made."""

    async def ended(self, session: AsyncSession, job: JobRow, outcome: Outcome) -> None:
        """In the transaction that fails or cancels the job for good."""


@dataclass(frozen=True)
class RunDependencies:
    """What every run of a worker uses."""

    database: Database
    data_dir: Path
    work: JobWork
    on_change: Callable[[Sequence[str]], None]
    """Ids of jobs that have new events."""
    host: Host = RECIPE
    lease: timedelta = LEASE


class JobRun:
    """The life of one claim."""

    def __init__(self, parts: RunDependencies, job: JobRow, grant: Grant) -> None:
        self._parts = parts
        self._job, self._grant = job, grant
        self._run_dir = parts.data_dir / "jobs" / job.id / str(job.epoch)
        self._cancel = asyncio.Event()
        self._run: RunHandle | None = None
        """While it may be alive."""
        self._discarded = False
        self._published_head = 0
        hooks = RelayHooks(on_heard=self._on_heartbeat, run=lambda: self._run)
        self.relay = Relay(
            parts.database, job.id, job.epoch, self._run_dir, parts.data_dir, hooks, parts.lease
        )

    def stop(self) -> None:
        """The worker ends: save a checkpoint and give the job back."""
        self._cancel.set()

    async def execute(self) -> None:
        """Run to a settled end, or until somebody else owns the job."""
        relaying = asyncio.create_task(self.relay.run())
        working = asyncio.create_task(self._work())
        try:
            await asyncio.wait({relaying, working}, return_when=asyncio.FIRST_COMPLETED)
            if not working.done():  # fenced, or a defect of ours: either way this child must not go on
                await self._abandon(working)
                relaying.result()
            relaying.cancel()
            with suppress(asyncio.CancelledError):
                await relaying
            await self._settle(working.result())
        except FencedError:
            await self._abandon(working)
            _log.warning(
                "job: another epoch owns it, its child was ended", job=self._job.id, epoch=self._job.epoch
            )
        finally:
            relaying.cancel()
            working.cancel()

    async def _work(self) -> Outcome:
        """Prepare, run and look at what was made, while the relay keeps the lease; every error becomes an outcome."""
        try:
            if self._job.epoch > 1:
                await asyncio.to_thread(end_orphans, self._run_dir.parent)
            async with AsyncExitStack() as stack:
                prepared = await self._unless_cancelled(
                    stack.enter_async_context(self._parts.work.prepared(self._job, self._grant))
                )
                if prepared is None or self._cancel.is_set():
                    return Outcome(state=JobState.CANCELLED)
                outcome = await run_recipe(
                    prepared.spec,
                    self.relay.wake,
                    cancel=self._cancel,
                    extra_env=prepared.extra_env,
                    secrets=prepared.secrets,
                    host=self._parts.host,
                    on_start=self._started,
                )
                self._kill()  # a program that died could not end what it had started
                self._run = None
            return await self._checked(outcome)
        except Exception as error:
            failure = classify(error)
            if failure.code == "recipe_error" and is_outage(error):
                failure = failure_of("worker_outage", error=error)
            if failure.code == "recipe_error":
                _log.error("job: preparing it failed", job=self._job.id, exc_info=error)
            return Outcome(state=JobState.FAILED, failure=failure)

    async def _unless_cancelled(self, preparing: Coroutine[Any, Any, Prepared]) -> Prepared | None:
        """What is prepared; None when the job is to stop before that: a large base is not read to its end first."""
        entering, cancelled = asyncio.create_task(preparing), asyncio.create_task(self._cancel.wait())
        try:
            await asyncio.wait({entering, cancelled}, return_when=asyncio.FIRST_COMPLETED)
            if entering.done():
                return entering.result()
            return None
        finally:
            cancelled.cancel()
            if not entering.done():
                entering.cancel()
                with suppress(asyncio.CancelledError, Exception):
                    await entering

    async def _checked(self, outcome: Outcome) -> Outcome:
        """The outcome, unless files of an artifact are not what the child announced."""
        if outcome.state is not JobState.COMPLETED:
            return outcome
        broken = await read_aside(partial(_first_broken, outcome.artifacts, self._run_dir))
        if broken is None:
            return outcome
        return Outcome(state=JobState.FAILED, failure=failure_of("artifact_broken", name=broken))

    async def _abandon(self, working: "asyncio.Task[Outcome]") -> None:
        if not working.done():
            self._kill()
        working.cancel()
        with suppress(asyncio.CancelledError, Exception):
            await working

    async def _settle(self, outcome: Outcome) -> None:
        """Store the rest of the events, then the end, however long the database is away."""
        self._run = None
        await self.relay.drain()
        while True:
            try:
                async with self._parts.database.unit_of_work() as session:
                    job = await lock_owned(session, self._job.id, self._job.epoch)
                    changed = await self._conclude(session, job, outcome)
                break
            except Exception as error:
                if not is_outage(error):
                    raise
                await asyncio.sleep(RETRY_S)
        self._parts.on_change(changed)
        if self._discarded:
            for directory in self._run_dir.parent.glob("*/checkpoints"):
                await asyncio.to_thread(shutil.rmtree, directory, ignore_errors=True)

    async def _conclude(self, session: AsyncSession, job: JobRow, outcome: Outcome) -> list[str]:
        """The one transaction that ends this claim."""
        await forget_pruned_checkpoints(session, job.id, self._parts.data_dir)
        if outcome.state is JobState.COMPLETED:
            await self._parts.work.completed(session, job, outcome)
            return await finish_job(session, job, JobState.COMPLETED)
        if outcome.state is JobState.CANCELLED and job.desired not in STOPPING:
            await requeue_job(session, job, reason="worker_stopping")
            return [job.id]
        failure = outcome.failure
        infrastructure = failure is not None and failure.failure_class is FailureClass.INFRASTRUCTURE
        if failure and infrastructure and job.attempt < MAX_ATTEMPTS and job.desired not in STOPPING:
            await requeue_job(session, job, reason=failure.code, failure=failure)
            return [job.id]
        if job.desired in STOPPING and not job.keep_checkpoint:
            await forget_checkpoints(session, job.id)
            self._discarded = True
        await self._parts.work.ended(session, job, outcome)
        wished = job.desired in STOPPING and (outcome.state is JobState.CANCELLED or infrastructure)
        state = JobState.CANCELLED if wished else outcome.state
        reason = PRUNED if wished and job.desired == PRUNE else None
        return await finish_job(session, job, state, failure=None if wished else failure, reason=reason)

    async def _on_heartbeat(self, heard: Heartbeat) -> None:
        if heard.cancel and not self._cancel.is_set():
            self._cancel.set()
        if heard.head_seq > self._published_head:
            self._published_head = heard.head_seq
            self._parts.on_change([self._job.id])

    def _started(self, run: RunHandle) -> None:
        self._run = run

    def _kill(self) -> None:
        if self._run is not None:
            self._run.kill()


def _first_broken(artifacts: Sequence[Artifact], run_dir: Path, on_bytes: OnBytes) -> str | None:
    """Name of the first artifact whose files are not what the child announced."""
    for artifact in artifacts:
        try:
            found = _digest_of(artifact, run_dir / artifact.path, on_bytes)
        except OSError:
            found = None
        if found != artifact.sha256:
            return artifact.name
    return None


def _digest_of(artifact: Artifact, path: Path, on_bytes: OnBytes) -> str | None:
    if artifact.files is not None:
        return sha256_of_files(path, artifact.files, on_bytes)
    if path.is_dir():
        return sha256_of_tree(path, on_bytes)
    return sha256_of_file(path, on_bytes)
