"""`up`, `status`, `logs` and `down`: the true programs under the true supervisor."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest

from llmlora.engine.platform.log_files import FOLDER, log_path
from llmlora.engine.platform.record import running_platform
from llmlora.kit.net import free_port

pytestmark = pytest.mark.slow

LEVELS = ("api", "worker", "inference")


def command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "llmlora.entry.cli", *arguments]


def llmlora(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command(*arguments), capture_output=True, text=True, check=False, env={**os.environ, **environment}
    )


@pytest.fixture
def port() -> int:
    return free_port()


@pytest.fixture
def home(data_dir: Path) -> Iterator[Path]:
    """A data directory on which nothing runs afterwards."""
    yield data_dir
    llmlora("down", "--data-dir", str(data_dir))


def status(home: Path) -> tuple[int, dict[str, Any]]:
    done = llmlora("status", "--json", "--data-dir", str(home))
    return done.returncode, json.loads(done.stdout)


def pid_of(home: Path, name: str) -> int | None:
    record = running_platform(home)
    assert record is not None
    return next(one.pid for one in record.programs if one.name == name)


def until(holds: Callable[[], object], timeout_s: float = 60.0) -> None:
    deadline = time.monotonic() + timeout_s
    while not holds():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.1)


def answers(url: str) -> bool:
    try:
        return httpx.get(url, trust_env=False).status_code == 200
    except httpx.HTTPError:
        return False


def processes_of(home: Path) -> list[int]:
    """Every living process that names the data directory or works in it."""
    found = []
    for process in psutil.process_iter(["cmdline", "cwd", "status"]):
        told = " ".join(process.info["cmdline"] or [])
        inside = (process.info["cwd"] or "").startswith(str(home))
        if (str(home) in told or inside) and process.info["status"] != psutil.STATUS_ZOMBIE:
            found.append(process.pid)
    return found


def left_in_run(home: Path) -> list[str]:
    """Files of `run/` that tell of something running (a lock that nobody holds does not)."""
    return [p.name for p in (home / "run").rglob("*") if p.is_file() and p.name != "inference.lock"]


class TestRefusals:
    def test_open_host_needs_a_token(self, data_dir: Path) -> None:
        for more in ([], ["--detach"]):
            done = llmlora(
                "up",
                "--no-pages",
                "--host",
                "0.0.0.0",
                "--data-dir",
                str(data_dir),
                *more,
                LLMLORA_API_TOKEN="",
            )
            assert done.returncode == 2
            assert "token_required" in done.stderr
        assert not data_dir.exists()

    def test_taken_port_is_named_and_nothing_is_started(self, data_dir: Path) -> None:
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            taken.listen()
            number = str(taken.getsockname()[1])
            for more in ([], ["--detach"]):
                done = llmlora("up", "--no-pages", "--api-port", number, "--data-dir", str(data_dir), *more)
                assert done.returncode == 5
                assert "port_taken" in done.stderr
                assert number in done.stderr
                assert "--api-port" in done.stderr
        assert not (data_dir / "postgres").exists()
        assert not (data_dir / "run").exists()

    def test_taken_port_of_the_pages_names_its_own_option(self, data_dir: Path, port: int) -> None:
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            taken.listen()
            number = str(taken.getsockname()[1])
            done = llmlora(
                "up", "--detach", "--api-port", str(port), "--pages-port", number, "--data-dir", str(data_dir)
            )
        assert done.returncode == 5
        assert "port_taken" in done.stderr
        assert "--pages-port" in done.stderr
        assert not (data_dir / "postgres").exists()

    def test_address_of_another_machine_is_refused(self, data_dir: Path) -> None:
        done = llmlora(
            "up", "--no-pages", "--host", "192.0.2.1", "--data-dir", str(data_dir), LLMLORA_API_TOKEN="secret"
        )
        assert done.returncode == 5
        assert "address_unusable" in done.stderr


class TestNothingRuns:
    def test_down_says_so_and_succeeds(self, data_dir: Path) -> None:
        done = llmlora("down", "--data-dir", str(data_dir))
        assert done.returncode == 0
        assert "Nothing was running" in done.stdout
        assert not data_dir.exists()

    def test_status_is_not_healthy(self, data_dir: Path) -> None:
        code, found = status(data_dir)
        assert code == 5
        assert (found["running"], found["healthy"], found["programs"]) == (False, False, [])

    def test_unknown_log_names_those_that_exist(self, data_dir: Path) -> None:
        (data_dir / FOLDER).mkdir(parents=True)
        log_path(data_dir, "api").write_text("one\n")
        done = llmlora("logs", "nowhere", "--data-dir", str(data_dir))
        assert done.returncode == 3
        assert "api" in done.stderr


class TestLogs:
    def test_each_line_carries_its_program(self, data_dir: Path) -> None:
        (data_dir / FOLDER).mkdir(parents=True)
        log_path(data_dir, "api").write_text("one\ntwo\nthree\n")
        log_path(data_dir, "worker").write_text("four\n")
        done = llmlora("logs", "-n", "2", "--data-dir", str(data_dir))
        assert [line.split() for line in done.stdout.splitlines()] == [
            ["api", "|", "two"],
            ["api", "|", "three"],
            ["worker", "|", "four"],
        ]

    def test_following_goes_on_through_rotation_and_with_new_logs(self, data_dir: Path) -> None:
        (data_dir / FOLDER).mkdir(parents=True)
        api = log_path(data_dir, "api")
        api.write_text("old\n")
        following = command("logs", "-f", "-n", "1", "--data-dir", str(data_dir))
        process = subprocess.Popen(following, stdout=subprocess.PIPE, text=True)
        try:
            assert process.stdout is not None
            assert process.stdout.readline().endswith("| old\n")
            api.rename(api.with_name("api.log.1"))
            api.write_text("new\n")
            assert process.stdout.readline().endswith("| new\n")
            log_path(data_dir, "worker").write_text("hello\n")
            assert process.stdout.readline() == "worker    | hello\n"
        finally:
            process.kill()
            process.wait()


@pytest.mark.slow
class TestUp:
    def test_detached_platform_works_mends_itself_and_goes(self, home: Path, port: int) -> None:
        done = llmlora("up", "--detach", "--no-pages", "--api-port", str(port), "--data-dir", str(home))
        assert done.returncode == 0, done.stderr
        url = f"http://127.0.0.1:{port}"
        assert url in done.stdout
        assert answers(f"{url}/healthz")
        code, found = status(home)
        assert (code, found["healthy"], found["url"]) == (0, True, url)
        assert tuple(one["name"] for one in found["programs"]) == LEVELS

        second = llmlora("up", "--no-pages", "--api-port", str(port), "--data-dir", str(home))
        assert second.returncode == 4
        assert str(found["pid"]) in second.stderr

        killed = pid_of(home, "api")
        assert killed is not None
        os.kill(killed, signal.SIGKILL)
        until(lambda: pid_of(home, "api") not in (None, killed) and answers(f"{url}/healthz"))
        assert "signal 9" in llmlora("logs", "up", "--data-dir", str(home)).stdout

        down = llmlora("down", "--data-dir", str(home))
        assert down.returncode == 0, down.stderr
        assert "Stopped" in down.stdout
        assert processes_of(home) == []
        assert left_in_run(home) == []
        assert status(home)[0] == 5

    def test_killed_supervisor_leaves_no_program_and_no_wreck(self, home: Path, port: int) -> None:
        arguments = ("up", "--detach", "--no-pages", "--api-port", str(port), "--data-dir", str(home))
        assert llmlora(*arguments).returncode == 0
        first = running_platform(home)
        assert first is not None
        os.kill(first.pid, signal.SIGKILL)
        until(lambda: not any(one.alive for one in first.programs))
        again = llmlora(*arguments)
        assert again.returncode == 0, again.stderr
        second = running_platform(home)
        assert second is not None
        os.kill(second.pid, signal.SIGKILL)
        assert llmlora("down", "--data-dir", str(home)).returncode == 0
        assert processes_of(home) == []

    def test_ctrl_c_ends_it_with_130_and_sigterm_with_0(self, home: Path, port: int) -> None:
        for number, expected in ((signal.SIGINT, 130), (signal.SIGTERM, 0)):
            process = subprocess.Popen(
                command("up", "--no-pages", "--api-port", str(port), "--data-dir", str(home)),
                stderr=subprocess.PIPE,
                text=True,
                # Whoever started the tests in the background made them deaf to Ctrl-C.
                preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
            )
            assert process.stderr is not None
            until(lambda: (found := running_platform(home)) is not None and found.programs)
            process.send_signal(number)
            said = process.communicate(timeout=120)[1]
            assert process.returncode == expected, said
            assert "stopped" in said
            assert processes_of(home) == []
