"""Where a command's jobs run: on the worker of a running `up`, else on one in this process that takes no other jobs."""

import asyncio
import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from redis.asyncio import Redis

from llmlora.contracts.errors import JobFailedError
from llmlora.contracts.events import JobEvent
from llmlora.contracts.states import FINAL_STATES, JobState
from llmlora.engine.embedded.processes import birth_of
from llmlora.engine.embedded.register import pids_of_users
from llmlora.engine.embedded.services import ServiceUrls, running_services
from llmlora.engine.jobs.hints import HintHub, publish_cancel, publish_head
from llmlora.engine.jobs.poke import send_poke
from llmlora.engine.jobs.worker import any_worker_lives
from llmlora.engine.serving.pool import ServerPool
from llmlora.engine.serving.pool_client import InferenceClient
from llmlora.engine.serving.spec import EndpointSource
from llmlora.entry.console import cancel_on_signals, err, say
from llmlora.entry.worker import RECIPES, WorkerSetup, work
from llmlora.features.jobs import repository
from llmlora.features.jobs.following import follow_job
from llmlora.features.jobs.schemas import ArtifactOut, JobCreate, JobDetail
from llmlora.features.jobs.service import (
    cancel_job,
    create_job,
    find_same_result,
    get_job,
    resume_job,
)
from llmlora.features.jobs.views import artifact_out, job_detail
from llmlora.kit.db import Database, is_outage
from llmlora.kit.settings import Settings

Show = Callable[[JobEvent], None]
LOOK_S = 2.0


@dataclass(frozen=True)
class Workplace:
    """What a command needs to run jobs and to talk to what they made."""

    settings: Settings
    urls: ServiceUrls
    database: Database
    redis: Redis
    hints: HintHub
    endpoints: EndpointSource
    is_shared: bool
    """A worker of a running `up` took the jobs when the command began."""
    setup: WorkerSetup = RECIPES
    """What a worker of this command runs."""

    async def create(self, request: JobCreate) -> list[str]:
        """Store a job (and its chain); ids in the order in which they were made, the asked one first."""
        async with self.database.unit_of_work() as session:
            made = await create_job(session, self.settings.data_dir, request, foresee=True)
        await self._announce([job.id for job in made])
        return [job.id for job in made]

    async def same_result(self, request: JobCreate, kind: str) -> ArtifactOut | None:
        """What an earlier job that did exactly this has made; nothing is stored."""
        async with self.database.unit_of_work() as session:
            job = (await create_job(session, self.settings.data_dir, request))[0]
            row = await find_same_result(session, self.settings.data_dir, job, kind)
            found = artifact_out(row) if row else None
            await session.rollback()
        return found

    async def resume(self, job_id: str) -> list[str]:
        """Go on with a job that ended early, in a new one."""
        async with self.database.unit_of_work() as session:
            made = await resume_job(session, self.settings.data_dir, job_id)
        await self._announce([job.id for job in made])
        return [job.id for job in made]

    async def run(self, job_ids: Sequence[str], show: Show, cancel: asyncio.Event) -> list[JobDetail]:
        """See jobs to their ends, showing their events; `cancel` stops them with a checkpoint.

        Where the worker of `up` goes away meanwhile, one of this command takes its place.
        """
        async with AsyncExitStack() as stack:
            stop = asyncio.Event()
            working = asyncio.create_task(self._see_to_a_worker(frozenset(job_ids), stop))
            stack.push_async_callback(_stopped, working, stop)
            cancelling = asyncio.create_task(self._cancel_when(cancel, job_ids))
            stack.callback(cancelling.cancel)
            following = asyncio.create_task(self._follow_all(job_ids, show))
            stack.callback(following.cancel)
            await asyncio.wait({following, working}, return_when=asyncio.FIRST_COMPLETED)
            if not following.done():  # a worker ends by itself only when it breaks: nobody would go on
                working.result()
            await following
        return [await self.detail(job_id) for job_id in job_ids]

    async def run_shown(self, job_ids: Sequence[str]) -> list[JobDetail]:
        """See jobs to their ends, their progress on standard error; Ctrl-C stops them with a checkpoint."""
        from llmlora.entry.event_view import EventView

        if not self.is_shared:
            say("ワーカーを起動しています", "starting a worker")
        with EventView(err()) as view, cancel_on_signals() as cancel:
            return await self.run(job_ids, view.show, cancel)

    async def detail(self, job_id: str) -> JobDetail:
        """A job as it is now.

        Raises:
            JobNotFoundError: there is none.
        """
        async with self.database.unit_of_work() as session:
            return await job_detail(session, await get_job(session, job_id))

    async def _announce(self, job_ids: Sequence[str]) -> None:
        for job_id in job_ids:
            await publish_head(self.redis, job_id)
            await send_poke(self.redis, job_id)

    async def _follow_all(self, job_ids: Sequence[str], show: Show) -> None:
        await asyncio.gather(*(self._follow(job_id, show) for job_id in job_ids))

    async def _follow(self, job_id: str, show: Show) -> None:
        async for batch in follow_job(self.database, self.hints, job_id, after=0):
            for event in batch.events:
                show(event)

    async def _cancel_when(self, cancel: asyncio.Event, job_ids: Sequence[str]) -> None:
        await cancel.wait()
        for job_id in job_ids:
            async with self.database.unit_of_work() as session:
                job = await get_job(session, job_id)
                if job.state != JobState.COMPLETED and job.state != JobState.FAILED:
                    await cancel_job(session, job_id, keep_checkpoint=True)
            await publish_cancel(self.redis, job_id)

    async def _see_to_a_worker(self, only: frozenset[str], stop: asyncio.Event) -> None:
        """Work on these jobs until `stop`, as soon as no worker of another process does."""
        shared = self.is_shared
        wanted = await self._with_open_dependencies(only)
        while shared and not stop.is_set():
            with suppress(TimeoutError):
                async with asyncio.timeout(LOOK_S):
                    await stop.wait()
            shared = await self._worker_lives()
        if stop.is_set():
            return
        async with AsyncExitStack() as stack:
            endpoints = self.endpoints
            if self.is_shared:  # the inference process went with the worker, or may go
                endpoints = await stack.enter_async_context(_own_servers(self.settings.data_dir))
            await work(self.settings, self.urls, endpoints, stop, only=wanted, setup=self.setup)

    async def _with_open_dependencies(self, job_ids: frozenset[str]) -> frozenset[str]:
        """These jobs and all that they wait for: whoever was to do those may be gone."""
        found, looked_at = set(job_ids), set[str]()
        async with self.database.unit_of_work() as session:
            while unseen := found - looked_at:
                looked_at |= unseen
                waited_for = {
                    one for job_id in unseen for one in await repository.dependencies_of(session, job_id)
                }
                rows = [await get_job(session, job_id) for job_id in waited_for - found]
                found |= {row.id for row in rows if row.state not in FINAL_STATES}
        for job_id in sorted(found - job_ids):
            say(f"ジョブ {job_id} の完了を待ちます", f"waiting for job {job_id}")
        return frozenset(found)

    async def _worker_lives(self) -> bool:
        try:
            async with self.database.unit_of_work() as session:
                return await any_worker_lives(session)
        except Exception as error:
            if not is_outage(error):
                raise
            return True  # nobody can tell while the database is away


@asynccontextmanager
async def workplace(settings: Settings, setup: WorkerSetup = RECIPES) -> AsyncIterator[Workplace]:
    """Services running, and a way to run jobs and models while the block lasts; says what it starts or shares.

    Raises:
        UnavailableError: the services do not start.
    """
    others = pids_of_users(settings.data_dir)
    if not others and settings.database_url is None:
        say("データベースとキューを起動しています", "starting the database and the queue")
    async with AsyncExitStack() as stack:
        urls = await stack.enter_async_context(running_services(settings))
        database, redis = Database(urls.database_url), Redis.from_url(urls.redis_url)
        stack.push_async_callback(database.close)
        stack.push_async_callback(redis.aclose)
        hints = HintHub(redis)
        listening = asyncio.create_task(hints.listen())
        stack.push_async_callback(_end, listening)
        client = InferenceClient(settings)
        endpoints: EndpointSource = client
        if not await client.healthy():
            endpoints = await stack.enter_async_context(_own_servers(settings.data_dir))
        async with database.unit_of_work() as session:
            shared = await any_worker_lives(session)
        _say_who_else_works(settings.data_dir, others, is_shared=shared)
        yield Workplace(settings, urls, database, redis, hints, endpoints, shared, setup)


def _say_who_else_works(data_dir: Path, others: Sequence[int], *, is_shared: bool) -> None:
    if is_shared:
        say("起動中のスタジオ（up）のワーカーを使います", "using the worker of the running studio (up)")
    elif others:
        pids = ", ".join(map(str, others))
        say(
            f"ほかのコマンド（プロセス {pids}）も {data_dir} を使っています。CPU とメモリを分け合うため、遅くなることがあります",
            f"another command (process {pids}) uses {data_dir}, too; they share cores and memory and may be slower",
        )


@asynccontextmanager
async def _own_servers(data_dir: Path) -> AsyncIterator[ServerPool]:
    """Inference servers of this command alone; what commands that were killed have left of theirs goes."""
    root = data_dir / "serving"
    root.mkdir(parents=True, exist_ok=True, mode=0o700)
    for left in root.iterdir():
        pid = left.name.partition("-")[0]
        if not pid.isdigit() or birth_of(int(pid)) is None:
            shutil.rmtree(left, ignore_errors=True)
    with tempfile.TemporaryDirectory(prefix=f"{os.getpid()}-", dir=root, ignore_cleanup_errors=True) as own:
        async with ServerPool(Path(own)) as pool:
            yield pool


def refuse_failed(jobs: Sequence[JobDetail]) -> None:
    """Turn the first failure among jobs into an error with the job's own words.

    Raises:
        JobFailedError: a job failed.
    """
    for job in jobs:
        if job.failure is not None and job.state is JobState.FAILED:
            raise JobFailedError(
                failure_code=job.failure.code, ja_text=job.failure.ja, en_text=job.failure.en
            )


async def _stopped(working: "asyncio.Task[None]", stop: asyncio.Event) -> None:
    stop.set()
    await working


async def _end(task: "asyncio.Task[None]") -> None:
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
