"""The embedded services: shared, adopted, recovered, and gone with their last user."""

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TypeVar

import psutil
import pytest
from redis.asyncio import Redis
from sqlalchemy import text

from llmlora.engine.embedded import postgres, valkey
from llmlora.engine.embedded.errors import (
    DatabaseNewerError,
    DataDirNotWritableError,
    DiskFullError,
    ExternalServiceUnreachableError,
    ServicesInUseError,
)
from llmlora.engine.embedded.migrate import known_revisions, migrate, migration_config
from llmlora.engine.embedded.services import (
    ServiceStatus,
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

T = TypeVar("T")
AS_ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="needs root")
# Enters, says so, and stays until it is told to go on (or is killed).
USER = """
import asyncio, signal, sys
from pathlib import Path
from llmlora.engine.embedded.services import running_services
from llmlora.kit.settings import Settings

# Whoever started the tests in the background made them deaf to Ctrl-C.
signal.signal(signal.SIGINT, signal.default_int_handler)

async def main():
    async with running_services(Settings(data_dir=Path(sys.argv[1]))) as urls:
        print(urls.database_url, flush=True)
        told = asyncio.Event()
        asyncio.get_running_loop().add_reader(0, told.set)
        await told.wait()

asyncio.run(main())
"""
# Everything is loaded while we are root: Python itself may lie where `nobody` cannot read.
AS_NOBODY = """
import asyncio, os, sys, tempfile
from pathlib import Path
from llmlora.engine.embedded.services import running_services, status_of_services
from llmlora.kit.errors import AppError
from llmlora.kit.settings import Settings

async def use(path):
    settings = Settings(data_dir=Path(path))
    async with running_services(settings):
        return [one.running for one in await status_of_services(settings)]

with tempfile.TemporaryDirectory() as warm_up:
    asyncio.run(use(warm_up))
os.setgroups([]); os.setgid(65534); os.setuid(65534)
try:
    print(asyncio.run(use(sys.argv[1])))
except AppError as error:
    print(error.code)
"""


def run(work: Awaitable[T]) -> T:
    async def scenario() -> T:
        return await work

    return asyncio.run(scenario())


def used(settings: Settings, work: Callable[[ServiceUrls], Awaitable[T]]) -> T:
    async def scenario() -> T:
        async with running_services(settings) as urls:
            return await work(urls)

    return asyncio.run(scenario())


async def nothing(_urls: ServiceUrls) -> None:
    """Enter and leave."""


def states(settings: Settings) -> list[bool]:
    return [one.running for one in run(status_of_services(settings))]


def pids(settings: Settings) -> list[int]:
    found = [one.pid for one in run(status_of_services(settings))]
    return [pid for pid in found if pid is not None]


def kill_all(of: list[int]) -> None:
    servers = [psutil.Process(pid) for pid in of]
    for process in [*servers, *(child for one in servers for child in one.children(recursive=True))]:
        with suppress(psutil.NoSuchProcess):
            process.kill()


@contextmanager
def another_user(settings: Settings) -> Iterator["subprocess.Popen[str]"]:
    """A process that is inside; killed at the end if it is still there."""
    process = subprocess.Popen(
        [sys.executable, "-c", USER, str(settings.data_dir)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        assert process.stdout.readline().startswith("postgresql")
        yield process
    finally:
        process.kill()
        process.wait()


def let_go(process: "subprocess.Popen[str]") -> None:
    process.communicate("\n", timeout=60)
    assert process.returncode == 0


@pytest.fixture(scope="module")
def initialised(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data directory whose first start is done."""
    directory = tmp_path_factory.mktemp("initialised") / "data"
    used(Settings(data_dir=directory), nothing)
    return directory


@pytest.fixture
def settings(initialised: Path, tmp_path: Path) -> Iterator[Settings]:
    """A copy of it, owners kept, stopped at the end whatever the test did."""
    directory = tmp_path / "data"
    subprocess.run(["cp", "-a", initialised, directory], check=True)
    made = Settings(data_dir=directory)
    yield made
    postgres.stop(directory / "postgres")
    valkey.stop(directory / "valkey")


@pytest.fixture
def nobodys_dir(tmp_path: Path) -> Path:
    """A directory that `nobody` owns and can reach."""
    for parent in tmp_path.parents:
        if not parent.stat().st_mode & 0o001:
            parent.chmod(parent.stat().st_mode | 0o001)
    tmp_path.chmod(0o755)
    directory = tmp_path / "nobody"
    directory.mkdir()
    os.chown(directory, 65534, 65534)
    return directory


def as_nobody(directory: Path) -> str:
    done = subprocess.run(
        [sys.executable, "-c", AS_NOBODY, str(directory)], capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


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


class TestRefusals:
    def test_file_in_place_of_the_directory_is_told(self, tmp_path: Path) -> None:
        path = tmp_path / "file"
        path.write_text("mine")
        with pytest.raises(DataDirNotWritableError) as refused:
            used(Settings(data_dir=path), nothing)
        assert str(path) in refused.value.detail("ja")
        assert path.read_text() == "mine"

    @AS_ROOT
    @pytest.mark.slow
    def test_ordinary_user_is_served(self, nobodys_dir: Path) -> None:
        assert as_nobody(nobodys_dir / "data") == "[True, True]"
        assert (nobodys_dir / "data" / "postgres" / "data").stat().st_uid == 65534

    @AS_ROOT
    @pytest.mark.slow
    def test_directory_of_somebody_else_is_refused(self, nobodys_dir: Path, tmp_path: Path) -> None:
        locked = tmp_path / "locked"
        locked.mkdir(mode=0o755)
        assert as_nobody(locked / "data") == "data_dir_not_writable"
        assert list(locked.iterdir()) == []

    @AS_ROOT
    @pytest.mark.slow
    @pytest.mark.parametrize("size", ["16k", "4m", "38m"])
    def test_full_disk_is_told_and_left_as_it_was(self, tmp_path: Path, size: str) -> None:
        disk = tmp_path / "disk"
        disk.mkdir()
        mounted = subprocess.run(
            ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", disk], capture_output=True, check=False
        )
        if mounted.returncode != 0:
            pytest.skip("cannot mount here")
        try:
            with pytest.raises(DiskFullError):
                used(Settings(data_dir=disk / "data"), nothing)
            assert list(disk.iterdir()) == []
        finally:
            subprocess.run(["umount", disk], check=True)


class TestExternal:
    def test_named_servers_replace_the_embedded_ones(self, settings: Settings, tmp_path: Path) -> None:
        async def look(urls: ServiceUrls) -> tuple[list[ServiceStatus], bool]:
            named = Settings(
                data_dir=tmp_path / "other", database_url=urls.database_url, redis_url=urls.redis_url
            )
            async with running_services(named) as given:
                return await status_of_services(named), given == urls

        statuses, same = used(settings, look)
        assert same
        assert [(one.kind, one.running) for one in statuses] == [("external", True)] * 2
        assert not (tmp_path / "other" / "postgres").exists()
        assert not (tmp_path / "other" / "valkey").exists()

    @pytest.mark.parametrize(
        "wrong",
        [
            {"database_url": "postgresql://nobody@127.0.0.1:1/x"},
            {"database_url": "nonsense"},
            {"redis_url": "redis://127.0.0.1:1/0"},
            {"redis_url": "nonsense"},
        ],
    )
    def test_unreachable_one_is_named(self, settings: Settings, wrong: dict[str, str]) -> None:
        named = settings.model_copy(update=wrong)
        with pytest.raises(ExternalServiceUnreachableError) as refused:
            used(named, nothing)
        assert f"LLMLORA_{next(iter(wrong)).upper()}" in str(refused.value)
        assert states(settings) == [False, False]

    def test_plain_scheme_is_understood(self) -> None:
        assert Database("postgresql://a@b/c").engine.url.drivername == "postgresql+asyncpg"


class TestMigrations:
    def test_newest_revision_is_what_alembic_calls_head(self) -> None:
        from alembic.script import ScriptDirectory

        script = ScriptDirectory.from_config(migration_config())
        assert script.get_current_head() == known_revisions()[-1]
        assert sorted(one.revision for one in script.walk_revisions()) == known_revisions()

    def test_concurrent_and_repeated_runs_end_well(self, settings: Settings) -> None:
        async def scenario(urls: ServiceUrls) -> object:
            database = Database(urls.database_url)
            async with database.engine.begin() as connection:
                await connection.execute(text("DROP SCHEMA public CASCADE"))
                await connection.execute(text("CREATE SCHEMA public"))
            await asyncio.gather(*(migrate(database.engine) for _ in range(3)))
            await migrate(database.engine)
            async with database.unit_of_work() as session:
                version = await session.scalar(text("SELECT version_num FROM alembic_version"))
            await database.close()
            return version

        assert used(settings, scenario) == known_revisions()[-1]

    def test_database_of_a_later_version_is_refused(self, settings: Settings) -> None:
        async def make_newer(_urls: ServiceUrls) -> None:
            async with open_database(settings) as database, database.unit_of_work() as session:
                await session.execute(text("UPDATE alembic_version SET version_num = '9999'"))

        used(settings, make_newer)
        with pytest.raises(DatabaseNewerError):
            used(settings, nothing)
        assert states(settings) == [False, False]
