"""The platform's supervisor: programs are started, restarted, ended in order, and never run twice."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from pathlib import Path
from typing import Any

import psutil
import pytest

from llmlora.engine.embedded import valkey
from llmlora.engine.embedded.services import ServiceStatus, status_of_services
from llmlora.engine.platform.errors import PlatformRunningError, PortTakenError
from llmlora.engine.platform.health import answers_at
from llmlora.engine.platform.keeper import Keeper
from llmlora.engine.platform.listening import require_free_port
from llmlora.engine.platform.log_files import last_lines, log_path
from llmlora.engine.platform.programs import Pace, Program
from llmlora.engine.platform.record import FOLDER, claimed, local_url, recorded_platform, running_platform
from llmlora.engine.platform.supervisor import Supervisor, Watch, keep_platform
from llmlora.kit.net import free_port
from llmlora.kit.settings import Settings

pytestmark = pytest.mark.slow

SETTINGS = Settings(api_port=8000, pages_port=0)

QUICK = Pace(first_wait_s=0.1, look_s=0.05, look_while_starting_s=0.05, hung_grace_s=0.2)
# Serves /healthz on its port; says so when SIGTERM ends it.
SERVER = """
import http.server, signal, sys
from llmlora.kit.processes import die_with_parent
die_with_parent()

class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200 if self.path == "/healthz" else 404)
        self.end_headers()
    def log_message(self, *args): pass

def end(*_):
    with open(sys.argv[3], "a") as order: order.write(sys.argv[2] + "\\n")
    sys.exit(0)

signal.signal(signal.SIGTERM, end)
http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
"""
SLEEPER = "import time; print('asleep', flush=True); time.sleep(600)"
DIES = "import sys; print('no such setting: rank', flush=True); sys.exit(3)"
STUBBORN = """
import signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
print("deaf", flush=True)
time.sleep(600)
"""
# A supervisor of its own: two programs that never look at their parent, one of them with a child.
SUPERVISOR = """
import asyncio, os, sys
from pathlib import Path
from llmlora.engine.platform.programs import Program
from llmlora.engine.platform.record import claimed
from llmlora.engine.platform.supervisor import Supervisor, Watch
from llmlora.kit.settings import Settings

async def main():
    programs = [
        Program(name, (sys.executable, "-c", code, *sys.argv[4:]), dict(os.environ))
        for name, code in (("first", sys.argv[2]), ("second", sys.argv[3]))
    ]
    with claimed(Path(sys.argv[1])) as claim:
        watch = Watch(lambda *said: None, ready=lambda: print("ready", flush=True))
        supervisor = await Supervisor.begin(claim, Settings(pages_port=0), programs, watch)
        await supervisor.run()

asyncio.run(main())
"""


def program(name: str, code: str, *arguments: str, **patience: Any) -> Program:
    return Program(name, (sys.executable, "-c", code, *arguments), dict(os.environ), **patience)


def server(name: str, order: Path, **patience: Any) -> Program:
    port = free_port()
    probe = answers_at(f"http://127.0.0.1:{port}/healthz")
    return program(name, SERVER, str(port), name, str(order), probe=probe, **patience)


class Running:
    """A supervisor in this process and what it said."""

    def __init__(self, data_dir: Path) -> None:
        self.data_dir = data_dir
        self.said: list[tuple[str, str]] = []
        self.hurry = asyncio.Event()
        self.ready = asyncio.Event()
        self.task: asyncio.Task[None] | None = None

    def tell(self, part: str, _ja: str, en: str) -> None:
        self.said.append((part, en))

    def pid(self, name: str) -> int | None:
        record = running_platform(self.data_dir)
        assert record is not None
        return next(one.pid for one in record.programs if one.name == name)

    async def stop(self) -> None:
        assert self.task is not None
        self.task.cancel()
        with suppress(asyncio.CancelledError):
            await self.task


@asynccontextmanager
async def supervised(data_dir: Path, *programs: Program, pace: Pace = QUICK) -> Any:
    running = Running(data_dir)
    watch = Watch(running.tell, ready=running.ready.set, hurry=running.hurry, pace=pace)
    with claimed(data_dir) as claim:
        supervisor = await Supervisor.begin(claim, SETTINGS, programs, watch)
        running.task = asyncio.create_task(supervisor.run())
        try:
            yield running
        finally:
            await running.stop()


async def until(holds: Callable[[], object], timeout_s: float = 15.0) -> None:
    deadline = time.monotonic() + timeout_s
    while not holds():
        assert time.monotonic() < deadline, "it did not happen in time"
        await asyncio.sleep(0.02)


def run(work: Callable[[], Awaitable[None]]) -> None:
    async def scenario() -> None:
        await work()

    asyncio.run(scenario())


@contextmanager
def supervisor_process(data_dir: Path, first: str, second: str) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-c", SUPERVISOR, str(data_dir), first, second]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        yield process
    finally:
        process.kill()
        process.wait()


class TestStart:
    def test_programs_are_recorded_and_ready_once_all_work(self, data_dir: Path, tmp_path: Path) -> None:
        async def scenario() -> None:
            programs = server("api", tmp_path / "order"), program("worker", SLEEPER)
            async with supervised(data_dir, *programs) as running:
                await asyncio.wait_for(running.ready.wait(), 15)
                record = running_platform(data_dir)
                assert record is not None
                assert record.pid == os.getpid()
                assert record.ready
                assert [(one.name, one.alive, one.restarts) for one in record.programs] == [
                    ("api", True, 0),
                    ("worker", True, 0),
                ]
                path = data_dir / FOLDER / "up.json"
                assert path.stat().st_mode & 0o777 == 0o600
            assert running_platform(data_dir) is None
            assert not (data_dir / FOLDER).exists()

        run(scenario)

    def test_output_goes_to_a_log_of_its_own(self, data_dir: Path) -> None:
        async def scenario() -> None:
            async with supervised(data_dir, program("worker", SLEEPER)):
                await until(lambda: last_lines(log_path(data_dir, "worker"), 5) == ["asleep"])

        run(scenario)

    def test_port_of_another_program_is_refused_by_name(self) -> None:
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            taken.listen()
            port = taken.getsockname()[1]
            with pytest.raises(PortTakenError, match=str(port)):
                asyncio.run(require_free_port("127.0.0.1", port, "--api-port"))

    def test_free_port_is_taken_by_nobody_afterwards(self) -> None:
        port = free_port()
        asyncio.run(require_free_port("localhost", port, "--api-port"))
        asyncio.run(require_free_port("127.0.0.1", port, "--api-port"))


class TestRestart:
    def test_killed_program_comes_back(self, data_dir: Path, tmp_path: Path) -> None:
        async def scenario() -> None:
            async with supervised(data_dir, server("api", tmp_path / "order")) as running:
                await asyncio.wait_for(running.ready.wait(), 15)
                before = running.pid("api")
                os.kill(before, signal.SIGKILL)
                await until(lambda: running.pid("api") not in (None, before))
                assert ("api", "ended (signal 9); restarting in 0.1 s") in running.said

        run(scenario)

    def test_one_that_dies_at_once_is_started_less_and_less_often(self, data_dir: Path) -> None:
        async def scenario() -> None:
            pace = Pace(first_wait_s=0.05, longest_wait_s=0.2, look_while_starting_s=0.02)
            async with supervised(data_dir, program("api", DIES), pace=pace) as running:
                await until(lambda: len([1 for _, en in running.said if en.startswith("ended")]) >= 4)
                waits = [en for _, en in running.said if en.startswith("ended")]
                last_words = ": no such setting: rank"
                assert waits[:4] == [
                    f"ended (exit 3); restarting in {wait} s{last_words}"
                    for wait in ("0.05", "0.1", "0.2", "0.2")
                ]
                assert not running.ready.is_set()

        run(scenario)

    def test_steady_life_forgets_old_deaths(self, data_dir: Path) -> None:
        async def scenario() -> None:
            pace = Pace(first_wait_s=0.05, steady_s=0.0, look_while_starting_s=0.02)
            async with supervised(data_dir, program("api", DIES), pace=pace) as running:
                await until(lambda: len([1 for _, en in running.said if "restarting" in en]) >= 3)
                assert all("in 0.05 s" in en for _, en in running.said if "restarting" in en)

        run(scenario)

    def test_one_that_hangs_is_ended_and_started_again(self, data_dir: Path, tmp_path: Path) -> None:
        async def scenario() -> None:
            api = server("api", tmp_path / "order", hang_s=0.5)
            async with supervised(data_dir, api) as running:
                await asyncio.wait_for(running.ready.wait(), 15)
                before = running.pid("api")
                os.kill(before, signal.SIGSTOP)
                await until(lambda: running.pid("api") not in (None, before))
                assert not psutil.pid_exists(before)
                assert any("no answer for" in en for _, en in running.said)

        run(scenario)

    def test_one_that_is_not_there_is_tried_again(self, data_dir: Path) -> None:
        async def scenario() -> None:
            missing = Program("api", ("/nowhere/at-all",), dict(os.environ))
            async with supervised(data_dir, missing) as running:
                await until(lambda: len(running.said) >= 2)
                assert "cannot be started" in running.said[0][1]

        run(scenario)


class TestStop:
    def test_programs_end_in_reverse_order(self, data_dir: Path, tmp_path: Path) -> None:
        async def scenario() -> None:
            order = tmp_path / "order"
            programs = [server(name, order) for name in ("api", "worker", "inference")]
            async with supervised(data_dir, *programs) as running:
                await asyncio.wait_for(running.ready.wait(), 15)
            assert order.read_text().split() == ["inference", "worker", "api"]

        run(scenario)

    def test_one_that_ignores_sigterm_is_killed_after_its_grace(self, data_dir: Path) -> None:
        async def scenario() -> None:
            stubborn = program("worker", STUBBORN, grace_s=0.5)
            async with supervised(data_dir, stubborn) as running:
                await until(lambda: last_lines(log_path(data_dir, "worker"), 1))
                pid = running.pid("worker")
                started = time.monotonic()
            assert 0.5 <= time.monotonic() - started < 5
            assert not psutil.pid_exists(pid)

        run(scenario)

    def test_hurry_cuts_the_grace_short(self, data_dir: Path) -> None:
        async def scenario() -> None:
            async with supervised(data_dir, program("worker", STUBBORN, grace_s=60)) as running:
                await until(lambda: last_lines(log_path(data_dir, "worker"), 1))
                running.task.cancel()
                await asyncio.sleep(0.3)
                assert not running.task.done()
                running.hurry.set()
                await asyncio.wait([running.task], timeout=5)
                assert running.task.done()

        run(scenario)

    def test_what_a_program_started_in_its_group_ends_with_it(self, data_dir: Path) -> None:
        async def scenario() -> None:
            code = "import subprocess, time; p = subprocess.Popen(['sleep', '600']); print(p.pid, flush=True); time.sleep(600)"
            async with supervised(data_dir, program("worker", code)):
                await until(lambda: last_lines(log_path(data_dir, "worker"), 1))
                grandchild = int(last_lines(log_path(data_dir, "worker"), 1)[0])
            await until(lambda: not alive(grandchild))

        run(scenario)


def alive(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


class TestOneOnly:
    def test_second_supervisor_is_refused_and_told_the_first(self, data_dir: Path) -> None:
        with supervisor_process(data_dir, SLEEPER, SLEEPER) as first:
            with pytest.raises(PlatformRunningError) as refused, claimed(data_dir):
                pass
            assert str(first.pid) in refused.value.detail("en")
            assert refused.value.exit_code == 4
            record = running_platform(data_dir)
            assert record is not None
            assert all(one.alive for one in record.programs)

    def test_killed_supervisor_takes_its_programs_along(self, data_dir: Path) -> None:
        code = "from llmlora.kit.processes import die_with_parent; die_with_parent(); import time; time.sleep(600)"
        with supervisor_process(data_dir, code, code) as first:
            record = running_platform(data_dir)
            assert record is not None
            first.kill()
            first.wait()
            asyncio.run(until(lambda: not any(one.alive for one in record.programs)))
        assert running_platform(data_dir) is None

    def test_next_supervisor_ends_what_a_killed_one_left(self, data_dir: Path) -> None:
        with supervisor_process(data_dir, SLEEPER, STUBBORN.replace("600", "3")) as first:
            first.kill()
            first.wait()
        left = recorded_platform(data_dir)
        assert left is not None
        assert not left.alive
        assert all(one.alive for one in left.programs)

        async def scenario() -> None:
            async with supervised(data_dir, program("first", SLEEPER)) as running:
                assert not any(one.alive for one in left.programs)
                await asyncio.wait_for(running.ready.wait(), 15)
                assert [one.name for one in running_platform(data_dir).programs] == ["first"]  # type: ignore[union-attr]

        run(scenario)

    def test_claim_left_in_order_can_be_taken_again(self, data_dir: Path) -> None:
        for _ in range(2):
            with claimed(data_dir) as claim:
                assert claim.left is None
        assert not (data_dir / FOLDER).exists()

    def test_of_many_at_once_one_wins(self, data_dir: Path) -> None:
        code = """
import sys, time
from pathlib import Path
from llmlora.engine.platform.errors import PlatformRunningError
from llmlora.engine.platform.record import claimed
try:
    with claimed(Path(sys.argv[1])):
        print("won", flush=True)
        time.sleep(600)
except PlatformRunningError:
    print("refused")
"""
        command = [sys.executable, "-c", code, str(data_dir)]
        racers = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(3)]
        asyncio.run(until(lambda: [one.poll() is None for one in racers].count(True) == 1))
        for one in racers:
            one.kill()
        assert sorted(one.communicate()[0].strip() for one in racers) == ["refused"] * 2 + ["won"]


class TestRecord:
    def test_wildcard_host_is_asked_on_loopback(self) -> None:
        assert local_url("0.0.0.0", 8000) == "http://127.0.0.1:8000"
        assert local_url("::1", 80) == "http://[::1]:80"

    def test_broken_record_is_none(self, data_dir: Path) -> None:
        (data_dir / FOLDER).mkdir(parents=True)
        (data_dir / FOLDER / "up.json").write_text('{"pid": 1}')
        assert running_platform(data_dir) is None

    def test_wait_doubles_up_to_half_a_minute(self) -> None:
        assert [Pace().wait_s(n) for n in (0, 1, 2, 6, 1000)] == [0.5, 1.0, 2.0, 30.0, 30.0]


class TestKeeper:
    def test_restart_on_demand_gives_a_new_process(self, data_dir: Path) -> None:
        async def scenario() -> None:
            said: list[str] = []
            keeper = Keeper(
                program("worker", SLEEPER),
                log_path(data_dir, "worker"),
                lambda _part, _ja, en: said.append(en),
                changed=lambda: None,
                hurry=asyncio.Event(),
                pace=QUICK,
            )
            task = asyncio.create_task(keeper.run())
            await until(lambda: keeper.healthy)
            before = keeper.record().pid
            keeper.restart("移動", "the services have moved")
            await until(lambda: keeper.record().pid not in (None, before))
            task.cancel()
            await asyncio.wait([task])
            assert any("the services have moved" in one for one in said)

        run(scenario)


class TestServices:
    @pytest.mark.slow
    def test_killed_servers_come_back_and_programs_follow_one_that_moved(self, settings: Settings) -> None:
        settings = settings.model_copy(update={"api_port": free_port(), "pages_port": 0})

        async def scenario() -> None:
            running = Running(settings.data_dir)
            watch = Watch(running.tell, ready=running.ready.set, pace=QUICK)
            running.task = asyncio.create_task(keep_platform(settings, [program("api", SLEEPER)], watch))
            try:
                await asyncio.wait_for(running.ready.wait(), 60)
                await killed_and_back(settings, "postgresql")
                before = running.pid("api")
                server = valkey.running(settings.data_dir / "valkey")
                assert server is not None
                os.kill(server.pid, signal.SIGKILL)
                with socket.socket() as taken:
                    await takes_over(taken, server.port)
                    await until(lambda: running.pid("api") not in (None, before), 30)
                assert any("the services have moved" in en for _, en in running.said)
            finally:
                await running.stop()
            assert not any(one.running for one in await status_of_services(settings))

        run(scenario)


async def takes_over(listener: socket.socket, port: int) -> None:
    """Listen on the port of a server that is just dying."""
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    async with asyncio.timeout(5):
        while True:
            try:
                listener.bind(("127.0.0.1", port))
                listener.listen()
                return
            except OSError:
                await asyncio.sleep(0.01)


async def killed_and_back(settings: Settings, name: str) -> None:
    """Kill an embedded server and wait until another process of it answers."""

    async def now() -> ServiceStatus:
        return next(one for one in await status_of_services(settings) if one.name == name)

    before = (await now()).pid
    assert before is not None
    os.kill(before, signal.SIGKILL)
    async with asyncio.timeout(30):
        while True:
            found = await now()
            if found.running and found.pid != before:
                return
            await asyncio.sleep(0.1)
