"""The embedded services: shared, adopted, recovered, and gone with their last user."""

import asyncio
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest
from redis.asyncio import Redis
from sqlalchemy import text

from llmlora.engine.embedded import postgres
from llmlora.engine.embedded.errors import (
    ServicesInUseError,
)
from llmlora.engine.embedded.services import (
    ServiceUrls,
    open_database,
    running_services,
    start_services,
    status_of_services,
    stop_services,
)
from llmlora.kit.db import Database
from llmlora.kit.redis import answers_ping
from llmlora.kit.settings import Settings

from tests.engine.embedded.door import (
    USER,
    another_user,
    kill_all,
    let_go,
    nothing,
    pids,
    run,
    states,
    used,
)

pytestmark = pytest.mark.slow


class TestStart:
    def test_first_start_gives_a_migrated_database_and_a_queue(self, data_dir: Path) -> None:
        settings = Settings(data_dir=data_dir)

        async def look(urls: ServiceUrls) -> tuple[int, bool]:
            database = Database(urls.database_url)
            async with database.unit_of_work() as session:
                count = await session.scalar(text("SELECT count(*) FROM dataset"))
            await database.close()
            return int(count or 0), await answers_ping(urls.redis_url)

        assert used(settings, look) == (0, True)
        assert states(settings) == [False, False]
        assert postgres.running(data_dir / "postgres") is None

    def test_data_is_there_after_a_restart(self, settings: Settings) -> None:
        async def write(urls: ServiceUrls) -> None:
            async with open_database(settings) as database, database.unit_of_work() as session:
                await session.execute(text("CREATE TABLE kept AS SELECT 42 AS value"))
            await Redis.from_url(urls.redis_url).set("kept", "42")

        async def read(urls: ServiceUrls) -> tuple[object, object]:
            async with open_database(settings) as database, database.unit_of_work() as session:
                row = await session.scalar(text("SELECT value FROM kept"))
            return row, await Redis.from_url(urls.redis_url).get("kept")

        used(settings, write)
        assert used(settings, read) == (42, b"42")

    def test_queue_refuses_whoever_has_no_password(self, settings: Settings) -> None:
        async def without_password(urls: ServiceUrls) -> bool:
            return await answers_ping("redis://" + urls.redis_url.partition("@")[2])

        assert used(settings, without_password) is False

    def test_addresses_are_not_printed(self, settings: Settings) -> None:
        async def shown(urls: ServiceUrls) -> str:
            return repr(urls)

        assert "redis://" not in used(settings, shown)

    def test_environment_of_another_postgresql_changes_nothing(
        self, settings: Settings, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        for name, value in {"PGPORT": "1", "PGHOST": "nowhere", "PGDATA": "/nowhere", "PGUSER": "x"}.items():
            monkeypatch.setenv(name, value)
        used(settings, nothing)

    @pytest.mark.slow
    @pytest.mark.parametrize("name", ["a b'c\"d%$(x)日本語", "x" * 90])
    def test_unusual_path_is_fine(self, tmp_path: Path, name: str) -> None:
        settings = Settings(data_dir=tmp_path / name)

        async def up(_urls: ServiceUrls) -> Path:
            assert [one.running for one in await status_of_services(settings)] == [True, True]
            server = postgres.running(settings.data_dir / "postgres")
            assert server is not None
            return server.sockets

        sockets = used(settings, up)
        assert sockets.is_relative_to(tmp_path) == sockets.exists()

    def test_moved_data_directory_starts(self, settings: Settings) -> None:
        moved = settings.data_dir.rename(settings.data_dir.with_name("moved"))
        used(Settings(data_dir=moved), nothing)


class TestSharing:
    def test_running_servers_are_adopted_and_outlive_the_first_user(self, settings: Settings) -> None:
        with another_user(settings) as other:
            before = pids(settings)

            async def inside(_urls: ServiceUrls) -> None:
                await asyncio.to_thread(let_go, other)

            used(settings, inside)
            assert before
            assert states(settings) == [False, False]

    def test_users_share_the_same_servers(self, settings: Settings) -> None:
        with another_user(settings):
            before = pids(settings)
            used(settings, nothing)
            assert pids(settings) == before
            assert states(settings) == [True, True]

    def test_killed_user_does_not_count(self, settings: Settings) -> None:
        with another_user(settings) as other:
            other.kill()
            other.wait()
            assert states(settings) == [True, True]
            used(settings, nothing)
            assert states(settings) == [False, False]

    def test_user_of_a_recycled_pid_does_not_count(self, settings: Settings) -> None:
        register = settings.data_dir / "services" / "register.json"
        ghost = {"token": "ghost", "pid": os.getpid(), "born": "another life"}
        register.write_text(json.dumps({"kept": False, "users": [ghost]}))
        used(settings, nothing)
        assert states(settings) == [False, False]

    def test_interrupted_user_stops_what_it_started(self, settings: Settings) -> None:
        with another_user(settings) as other:
            other.send_signal(signal.SIGINT)
            other.wait(60)
            assert states(settings) == [False, False]

    def test_tasks_of_one_process_do_not_block_each_other(self, settings: Settings) -> None:
        async def both() -> None:
            await asyncio.wait_for(asyncio.gather(*(enter() for _ in range(4))), 60)

        async def enter() -> None:
            async with open_database(settings), open_database(settings):
                await asyncio.sleep(0.05)

        asyncio.run(both())
        assert states(settings) == [False, False]

    def test_cancelled_start_leaves_nothing_running(self, settings: Settings) -> None:
        async def cancelled_after(seconds: float) -> None:
            entering = asyncio.create_task(running_services(settings).__aenter__())  # type: ignore[arg-type]
            await asyncio.sleep(seconds)
            entering.cancel()
            await asyncio.gather(entering, return_exceptions=True)

        for seconds in (0.02, 0.15):
            asyncio.run(cancelled_after(seconds))
            if states(settings) != [False, False]:  # the start was quicker than we
                used(settings, nothing)
        assert states(settings) == [False, False]

    @pytest.mark.slow
    def test_many_commands_at_once_on_an_empty_directory_agree(self, data_dir: Path) -> None:
        command = [sys.executable, "-c", USER, str(data_dir)]
        several = [
            subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
            for _ in range(4)
        ]
        told = {one.communicate("\n", timeout=120)[0] for one in several}
        assert [one.returncode for one in several] == [0] * 4
        assert len(told) == 1
        assert states(Settings(data_dir=data_dir)) == [False, False]


class TestKept:
    def test_kept_servers_go_on_until_they_are_stopped(self, settings: Settings) -> None:
        run(start_services(settings))
        used(settings, nothing)
        assert states(settings) == [True, True]
        stop_services(settings)
        assert states(settings) == [False, False]

    def test_servers_in_use_are_not_stopped(self, settings: Settings) -> None:
        with another_user(settings) as other:
            with pytest.raises(ServicesInUseError) as refused:
                stop_services(settings)
            assert str(other.pid) in str(refused.value)
            assert states(settings) == [True, True]

    def test_nothing_to_stop_is_no_error(self, data_dir: Path) -> None:
        stop_services(Settings(data_dir=data_dir))
        assert not data_dir.exists()

    def test_status_starts_nothing(self, data_dir: Path) -> None:
        assert states(Settings(data_dir=data_dir)) == [False, False]
        assert not data_dir.exists()


class TestRecovery:
    def test_killed_servers_are_started_again_with_their_data(self, settings: Settings) -> None:
        async def write() -> None:
            async with open_database(settings) as database, database.unit_of_work() as session:
                await session.execute(text("CREATE TABLE survivor AS SELECT 7 AS value"))

        async def read() -> object:
            async with open_database(settings) as database, database.unit_of_work() as session:
                return await session.scalar(text("SELECT value FROM survivor"))

        with another_user(settings) as other:
            run(write())
            other.kill()
            other.wait()
            kill_all(pids(settings))
            assert (settings.data_dir / "postgres" / "data" / "postmaster.pid").exists()
            assert run(read()) == 7
        assert states(settings) == [False, False]

    def test_killed_postmaster_with_living_backends_is_replaced(self, settings: Settings) -> None:
        with another_user(settings):
            os.kill(pids(settings)[0], signal.SIGKILL)
            used(settings, nothing)
            assert states(settings) == [True, True]

    def test_pid_files_that_name_another_process_are_no_servers(self, settings: Settings) -> None:
        data = settings.data_dir / "postgres" / "data"
        (data / "postmaster.pid").write_text(f"{os.getpid()}\n{data}\n0\n5432\n{data}\n\n1 1\nready\n")
        (data / ".s.PGSQL.5432.lock").write_text(f"{os.getpid()}\n{data}\n0\n5432\n{data}\n\n")
        record = {"pid": os.getpid(), "born": "x", "port": 1, "password": "x"}
        (settings.data_dir / "valkey" / "server.json").write_text(json.dumps(record))
        used(settings, nothing)
        assert psutil.pid_exists(os.getpid())

    def test_initialisation_that_was_killed_is_done_again(self, data_dir: Path) -> None:
        half = data_dir / "postgres" / "data.new"
        half.mkdir(parents=True)
        (half / "PG_VERSION").write_text("18\n")
        used(Settings(data_dir=data_dir), nothing)

    def test_broken_register_is_read_as_empty(self, settings: Settings) -> None:
        (settings.data_dir / "services" / "register.json").write_text("{")
        used(settings, nothing)
