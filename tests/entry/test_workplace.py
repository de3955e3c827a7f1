"""A command's jobs end although the worker that was to do them is gone."""

import asyncio
import os
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from sqlalchemy import delete, func
from sqlmodel import col

from llmlora.contracts.states import JobState
from llmlora.engine.embedded.processes import birth_of
from llmlora.engine.embedded.services import ServiceUrls
from llmlora.engine.jobs.worker import ALIVE_S, any_worker_lives, this_machine
from llmlora.entry.client import PlatformNotRunningError, api_client, follow_events
from llmlora.entry.language import speaking
from llmlora.entry.workplace import workplace
from llmlora.kit.clock import utc_now
from llmlora.kit.db import Database
from llmlora.kit.ids import new_id
from llmlora.kit.settings import Settings
from llmlora.tables.worker import WorkerRow

from tests.fakes.here_host import HERE
from tests.fakes.work import HEAVY, make_job

pytestmark = pytest.mark.anyio


@pytest.fixture
def settings(data_dir: Path, services: ServiceUrls) -> Settings:
    return Settings(data_dir=data_dir, database_url=services.database_url, redis_url=services.redis_url)


@pytest.fixture
def gone() -> Iterator[tuple[int, str]]:
    """Pid and birth of a process that was killed a moment ago."""
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"]) as process:
        born = birth_of(process.pid)
        process.kill()
    assert born is not None
    return process.pid, born


@asynccontextmanager
async def registered(
    database: Database,
    *,
    pid: int,
    born: str,
    identity: str,
    heard_s_ago: float = 0.0,
    takes_any_job: bool = True,
) -> AsyncIterator[None]:
    """A worker in the table, which does nothing."""
    capacity = {
        **this_machine().document(),
        "identity": identity,
        "born": born,
        "takes_any_job": takes_any_job,
    }
    row = WorkerRow(
        id=new_id("wk"), host="-", pid=pid, capacity=capacity, started_at=utc_now(), seen_at=utc_now()
    )
    row.seen_at = func.now() - timedelta(seconds=heard_s_ago)  # type: ignore[assignment]
    async with database.unit_of_work() as session:
        session.add(row)
    try:
        yield
    finally:
        async with database.unit_of_work() as session:
            await session.execute(delete(WorkerRow).where(col(WorkerRow.id) == row.id))


async def lives(database: Database) -> bool:
    async with database.unit_of_work() as session:
        return await any_worker_lives(session)


class TestAnyWorkerLives:
    async def test_killed_worker_of_this_machine_does_not_count_however_lately_it_was_heard(
        self, database: Database, gone: tuple[int, str]
    ) -> None:
        pid, born = gone
        async with registered(database, pid=pid, born=born, identity=this_machine().identity):
            assert not await lives(database)

    async def test_worker_whose_pid_was_given_to_another_process_does_not_count(
        self, database: Database, gone: tuple[int, str]
    ) -> None:
        async with registered(database, pid=os.getpid(), born=gone[1], identity=this_machine().identity):
            assert not await lives(database)

    async def test_worker_of_another_machine_counts_for_fifteen_seconds(
        self, database: Database, gone: tuple[int, str]
    ) -> None:
        pid, born = gone
        async with registered(database, pid=pid, born=born, identity="elsewhere"):
            assert await lives(database)
        async with registered(database, pid=pid, born=born, identity="elsewhere", heard_s_ago=ALIVE_S + 1):
            assert not await lives(database)

    async def test_worker_of_another_command_does_not_count(self, database: Database) -> None:
        pid, here = os.getpid(), this_machine().identity
        born = birth_of(pid) or ""
        async with registered(database, pid=pid, born=born, identity=here, takes_any_job=False):
            assert not await lives(database)
        async with registered(database, pid=pid, born=born, identity=here):
            assert await lives(database)


@pytest.mark.slow
class TestJobsOfACommand:
    async def test_worker_that_dies_beside_it_is_replaced(
        self, settings: Settings, database: Database, gone: tuple[int, str]
    ) -> None:
        pid, born = gone
        async with (
            registered(database, pid=pid, born=born, identity="elsewhere", heard_s_ago=ALIVE_S - 3),
            workplace(settings) as place,
        ):
            assert place.is_shared
            # Its data set is gone: it fails before a child would have to start.
            job_id = await make_job(database, recipe=HEAVY, inputs={"dataset_id": "ds_gone"})
            jobs = await asyncio.wait_for(place.run([job_id], lambda _event: None, asyncio.Event()), 60)
        assert (jobs[0].state, jobs[0].failure and jobs[0].failure.code) == (JobState.FAILED, "dataset_gone")


@pytest.mark.slow
class TestWaitingForOthers:
    async def test_job_that_a_killed_command_was_to_do_is_done_before_what_waits_for_it(
        self, settings: Settings, database: Database, capsys: pytest.CaptureFixture[str]
    ) -> None:
        orphan = await make_job(database, recipe=HEAVY, inputs={"dataset_id": "ds_gone"})
        job_id = await make_job(database, after=[orphan])
        async with workplace(settings, HERE) as place:
            jobs = await asyncio.wait_for(place.run([job_id], lambda _event: None, asyncio.Event()), 60)
            assert (await place.detail(orphan)).state is JobState.FAILED
        assert jobs[0].state is JobState.CANCELLED
        assert orphan in capsys.readouterr().err


class TestSignsOfLife:
    async def test_second_command_on_a_directory_is_told_of_the_first(
        self, settings: Settings, capsys: pytest.CaptureFixture[str]
    ) -> None:
        async with workplace(settings):
            assert capsys.readouterr().err == ""
            for language, word in (("ja", "プロセス"), ("en", "process")):
                with speaking(language):
                    async with workplace(settings):
                        told = capsys.readouterr().err.replace("\n", "")
                assert f"{word} {os.getpid()}" in told

    async def test_user_of_a_running_studio_is_told_so(
        self, settings: Settings, database: Database, capsys: pytest.CaptureFixture[str]
    ) -> None:
        here, born = this_machine().identity, birth_of(os.getpid()) or ""
        async with registered(database, pid=os.getpid(), born=born, identity=here), workplace(settings):
            assert "up" in capsys.readouterr().err


class TestServersOfCommands:
    async def test_what_killed_ones_left_goes_and_that_of_living_ones_stays(
        self, settings: Settings, gone: tuple[int, str]
    ) -> None:
        root = settings.data_dir / "serving"
        left, used = root / f"{gone[0]}-x" / "server-1", root / f"{os.getpid()}-y" / "server-1"
        older = root / "server-2"
        for one in (left, used, older):
            one.mkdir(parents=True)
        async with workplace(settings):
            assert [left.exists(), used.exists(), older.exists()] == [False, True, False]
        assert list(root.iterdir()) == [used.parent]


class TestFollowing:
    async def test_platform_that_does_not_come_back_is_waited_for_no_longer_than_a_restart(
        self, data_dir: Path
    ) -> None:
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))  # nobody listens there, and nobody else will
            nowhere = Settings(data_dir=data_dir, api_port=taken.getsockname()[1])

            def follow() -> None:
                with api_client(nowhere) as client:
                    list(follow_events(client, "job_x", patience_s=0.0))

            with pytest.raises(PlatformNotRunningError):
                await asyncio.to_thread(follow)

    async def test_types_are_asked_for(self, data_dir: Path) -> None:
        asked: list[httpx.QueryParams] = []

        def answer(request: httpx.Request) -> httpx.Response:
            asked.append(request.url.params)
            return httpx.Response(200, text="event: over\ndata: 3\n\n")

        with httpx.Client(transport=httpx.MockTransport(answer), base_url="http://x") as client:
            assert list(follow_events(client, "job_x", types=("log", "state"))) == []
        assert asked[0].get_list("types") == ["log", "state"]
