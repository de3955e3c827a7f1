"""A job keeps its lease from its claim to its final row, however long its files take to be read."""

import asyncio
import hashlib
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from llmlora.contracts.events import Finished
from llmlora.contracts.states import JobState
from llmlora.engine.jobs.capacity import Grant
from llmlora.engine.jobs.job_run import Prepared
from llmlora.engine.jobs.queue import sweep_lapsed
from llmlora.features.jobs.service import cancel_job
from llmlora.kit.files import OnBytes, sha256_of_files, sha256_of_tree
from llmlora.kit.reading import read_aside
from llmlora.tables.job import JobRow

from tests.fakes.work import (
    HEAVY,
    JobEvent,
    ScriptedWork,
    capacity_of,
    events_of,
    job_of,
    make_job,
    states_of,
    until,
    until_event,
    until_over,
)
from tests.fakes.workers import Testbed, working

pytestmark = [pytest.mark.anyio, pytest.mark.slow]

MIB = 1 << 20
LEASE_S = 3.0
"""Long enough that a busy machine, which may stop everything for a second or two, takes no job away."""
LEASE = timedelta(seconds=LEASE_S)
AT_ONCE = 12
"""More than Python's default pool has threads on two cores."""
LONGER_LEASE = 4 * LEASE
"""Of jobs that share one machine: twelve children start at once."""
RENEWALS = 3
"""How often each of these jobs has to renew its lease before one of their bases counts as read."""


@asynccontextmanager
async def beside(look: Callable[[], Awaitable[None]]) -> AsyncIterator[None]:
    """Looks all the time, until the block ends."""

    async def look_on() -> None:
        while True:
            await look()
            await asyncio.sleep(0.05)

    looking = asyncio.create_task(look_on())
    try:
        yield
    finally:
        looking.cancel()
        with suppress(asyncio.CancelledError):
            await looking


@asynccontextmanager
async def swept(testbed: Testbed) -> AsyncIterator[list[str]]:
    """Other workers look for lapsed leases all the time; yields the jobs that they have taken away."""
    taken: list[str] = []

    async def sweep() -> None:
        async with testbed.database.unit_of_work() as session:
            taken.extend(await sweep_lapsed(session))

    async with beside(sweep):
        yield taken


def sparse_file(path: Path, seconds: float) -> dict[str, str | int]:
    """A file of zeros that takes no room and that this machine hashes in about so long; the event that announces it."""
    digest, size, begin = hashlib.sha256(), 0, time.monotonic()
    zeros = bytes(16 * MIB)
    while time.monotonic() - begin < seconds:
        digest.update(zeros)
        size += len(zeros)
    with path.open("wb") as stream:
        stream.truncate(size)
    return {"path": str(path), "sha256": digest.hexdigest(), "size_bytes": size}


def moment(events: list[JobEvent], kind: type) -> float:
    return next(event.at.timestamp() for event in events if isinstance(event.body, kind))


@asynccontextmanager
async def renewals(testbed: Testbed, jobs: list[str]) -> AsyncIterator[dict[str, set[datetime]]]:
    """The leases that the jobs were seen to have, one after the other."""
    seen: dict[str, set[datetime]] = {job_id: set() for job_id in jobs}

    async def look() -> None:
        for job_id in jobs:
            if until_when := (await job_of(testbed.database, job_id)).lease_until:
                seen[job_id].add(until_when)

    async with beside(look):
        yield seen


class SlowBase(ScriptedWork):
    """Inputs that are read piece by piece from a disk, until `is_read`."""

    def __init__(self, testbed: Testbed, is_read: Callable[[], bool]) -> None:
        super().__init__(testbed.database, testbed.data_dir)
        self.is_read = is_read
        self.reading = 0

    @asynccontextmanager
    async def prepared(self, job: JobRow, grant: Grant) -> AsyncIterator[Prepared]:
        await read_aside(self.read)
        async with super().prepared(job, grant) as prepared:
            yield prepared

    def read(self, on_bytes: OnBytes) -> None:
        self.reading += 1
        try:
            while not self.is_read():
                time.sleep(0.02)
                on_bytes(MIB)
        finally:
            self.reading -= 1


class TestReading:
    async def test_artifact_that_is_hashed_longer_than_a_lease_stays_with_its_worker(
        self, testbed: Testbed
    ) -> None:
        announced = sparse_file(testbed.data_dir / "merged.safetensors", 1.2 * LEASE_S)
        job_id = await make_job(testbed.database, {"steps": 1, "announces": announced})
        async with swept(testbed) as taken, working(testbed, lease=LEASE):
            (job,) = await until_over(testbed.database, job_id, timeout_s=120)
        events = await events_of(testbed.database, job_id)
        assert events[-1].at.timestamp() - moment(events, Finished) > LEASE_S
        assert (taken, job.state, job.epoch, job.attempt) == ([], JobState.COMPLETED, 1, 0)

    @pytest.mark.long
    async def test_sixteen_gigabytes_are_hashed_through_many_leases(self, testbed: Testbed) -> None:
        path = testbed.data_dir / "model-00001-of-00001.safetensors"
        with path.open("wb") as stream:
            stream.truncate(16 << 30)
        sixteen = "07d217ebccc55480b7afa191674ec5da87f2d14efbc04dbc7e40efe345f16776"
        announced = {"path": str(path), "sha256": sixteen, "size_bytes": 16 << 30}
        job_id = await make_job(testbed.database, {"steps": 1, "announces": announced})
        async with swept(testbed) as taken, working(testbed, lease=LEASE):
            (job,) = await until_over(testbed.database, job_id, timeout_s=1200)
        assert (taken, job.state, job.epoch, job.attempt) == ([], JobState.COMPLETED, 1, 0)

    async def test_slow_bases_of_many_jobs_at_once_hold_up_no_sign_of_life(self, testbed: Testbed) -> None:
        jobs = [await make_job(testbed.database, {"steps": 1}, recipe=HEAVY, cpus=1) for _ in range(AT_ONCE)]
        async with swept(testbed) as taken, renewals(testbed, jobs) as seen:
            # Nothing is read to its end before every job has given signs of life: held up once, it is for ever.
            work = SlowBase(testbed, lambda: all(len(leases) > RENEWALS for leases in seen.values()))
            async with working(testbed, capacity_of(AT_ONCE), work, LONGER_LEASE):
                over = await until_over(testbed.database, *jobs, timeout_s=120)
        assert (taken, {(job.state, job.epoch) for job in over}) == ([], {(JobState.COMPLETED, 1)})

    async def test_job_that_is_cancelled_reads_no_further(self, testbed: Testbed) -> None:
        job_id = await make_job(testbed.database, {"steps": 1})
        work = SlowBase(testbed, lambda: False)
        async with working(testbed, work=work):
            await until_event(testbed.database, job_id, "state", count=2)
            async with testbed.database.unit_of_work() as session:
                await cancel_job(session, job_id, keep_checkpoint=True)
            await until_over(testbed.database, job_id)
        assert await states_of(testbed.database, job_id) == ["queued", "running", "cancelled"]

    async def test_worker_that_stops_gives_back_what_it_still_reads(self, testbed: Testbed) -> None:
        job_id = await make_job(testbed.database, {"steps": 1})
        work = SlowBase(testbed, lambda: False)
        async with working(testbed, work=work):
            await until(self.value(lambda: work.reading))
        assert (await job_of(testbed.database, job_id)).state == JobState.QUEUED

    def value(self, look: Callable[[], int]):  # type: ignore[no-untyped-def]
        async def looked() -> int:
            return look()

        return looked


class TestFilesThatCount:
    def directory(self, testbed: Testbed) -> Path:
        root = testbed.data_dir / "theirs"
        for name in ("model.safetensors", "config.json", "README.md", ".git/HEAD"):
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_text(name)
        return root

    async def ended(self, testbed: Testbed, **announced: object) -> JobRow:
        script = {"steps": 1, "announces": {"size_bytes": 1, **announced}}
        job_id = await make_job(testbed.database, script, attempt=3)
        async with working(testbed):
            (job,) = await until_over(testbed.database, job_id)
        return job

    async def test_directory_of_somebody_else_is_judged_by_the_files_it_is_used_for(
        self, testbed: Testbed
    ) -> None:
        root, files = self.directory(testbed), ["config.json", "model.safetensors"]
        digest = sha256_of_files(root, files)
        (root / ".git" / "HEAD").write_text("moved")
        job = await self.ended(testbed, path=str(root), files=files, sha256=digest)
        assert job.state == JobState.COMPLETED

    @pytest.mark.parametrize("fault", ["changed", "gone"])
    async def test_file_that_counts_and_is_not_what_it_was_completes_nothing(
        self, testbed: Testbed, fault: str
    ) -> None:
        root, files = self.directory(testbed), ["config.json", "model.safetensors"]
        digest = sha256_of_files(root, files)
        path = root / "config.json"
        path.unlink() if fault == "gone" else path.write_text(fault)
        job = await self.ended(testbed, path=str(root), files=files, sha256=digest)
        assert (job.state, job.failure and job.failure["code"]) == (JobState.FAILED, "artifact_broken")

    async def test_directory_of_our_own_is_judged_whole(self, testbed: Testbed) -> None:
        root = self.directory(testbed)
        digest = sha256_of_tree(root)
        (root / "more").touch()
        job = await self.ended(testbed, path=str(root), sha256=digest)
        assert job.state == JobState.FAILED
