"""`service`: files that systemd and launchd understand, for any path; and what they start begins and ends as they expect."""

import os
import plistlib
import shlex
import shutil
import signal
import socket
import subprocess
import sys
from pathlib import Path

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmlora.entry.commands.down import TIMEOUT_S
from llmlora.entry.service_units import Service, launchd_plist, systemd_unit
from llmlora.kit.net import free_port

DOOR = Path(__file__).parents[2] / "llmlora"
ODD = "a b/50% $HOME/\\n\"'日本;#"
# launchd.plist(5)
LAUNCHD_KEYS = {
    "Label": str, "ProgramArguments": list, "WorkingDirectory": str, "EnvironmentVariables": dict, "RunAtLoad": bool,
    "KeepAlive": dict, "ThrottleInterval": int, "ExitTimeOut": int, "ProcessType": str, "StandardOutPath": str,
    "StandardErrorPath": str, "UserName": str,
}  # fmt: skip


def service_of(data_dir: Path, *, user: str | None = None) -> Service:
    bash = Path(shutil.which("bash") or "/bin/bash")
    return Service("llmlora", DOOR, data_dir, bash, "/usr/local/bin:/usr/bin:/bin", user)


def values_of(unit: str, key: str) -> list[str]:
    return [line.partition("=")[2] for line in unit.splitlines() if line.startswith(f"{key}=")]


def argv_of(unit: str) -> list[str]:
    """As systemd reads `ExecStart`: quotes and escapes, then `%%` and `$$`."""
    [command] = values_of(unit, "ExecStart")
    return [word.replace("%%", "%").replace("$$", "$") for word in shlex.split(command)]


@given(st.text(st.characters(categories=("L", "N", "P", "S", "Zs")), min_size=1, max_size=40))
def test_any_path_comes_back_as_it_was(name: str) -> None:
    service = service_of(Path("/srv") / name)
    assert argv_of(systemd_unit(service)) == service.argv
    assert plistlib.loads(launchd_plist(service))["ProgramArguments"] == service.argv


@pytest.mark.parametrize("user", [None, "root"], ids=["user", "system"])
def test_systemd_finds_nothing_wrong(user: str | None, tmp_path: Path) -> None:
    analyze = shutil.which("systemd-analyze")
    if analyze is None:
        pytest.skip("NOT CHECKED: systemd-analyze is not here (Debian: apt install systemd)")
    path = tmp_path / "llmlora.service"
    path.write_text(systemd_unit(service_of(tmp_path / ODD, user=user)), encoding="utf-8")
    done = subprocess.run(
        [analyze, "verify", "--man=no", str(path)], capture_output=True, text=True, check=False
    )
    ours = [line for line in (done.stdout + done.stderr).splitlines() if "llmlora" in line]
    assert (done.returncode, ours) == (0, []), done.stderr
    broken = path.with_name("broken.service")
    broken.write_text(path.read_text().replace("Type=notify", "Type=nothing"), encoding="utf-8")
    told = subprocess.run(
        [analyze, "verify", "--man=no", str(broken)], capture_output=True, text=True, check=False
    )
    assert "nothing" in told.stderr  # it would have said so


@pytest.mark.parametrize("user", [None, "nobody"])
def test_launchd_gets_the_keys_that_it_documents(user: str | None, tmp_path: Path) -> None:
    told = plistlib.loads(launchd_plist(service_of(tmp_path / ODD, user=user)))
    assert {key: type(value) for key, value in told.items()}.items() <= LAUNCHD_KEYS.items()
    assert ("UserName" in told) is (user is not None)
    assert told["ExitTimeOut"] >= TIMEOUT_S
    assert told["KeepAlive"] == {"SuccessfulExit": False}


def test_stop_has_the_time_that_down_gives() -> None:
    unit = systemd_unit(service_of(Path("/srv/data")))
    assert [float(one) for one in values_of(unit, "TimeoutStopSec")] == [TIMEOUT_S]
    assert (values_of(unit, "KillMode"), values_of(unit, "Restart")) == (["mixed"], ["on-failure"])


def command(*arguments: str, path: Path, home: Path) -> subprocess.CompletedProcess[str]:
    env = {"PATH": str(path), "HOME": str(home), "LLMLORA_DATA_DIR": str(home / "data")}
    argv = [sys.executable, "-m", "llmlora.entry.cli", "service", *arguments, "--manager", "systemd"]
    return subprocess.run(argv, capture_output=True, text=True, check=False, env=env)


class TestCommand:
    @pytest.fixture
    def manager(self, tmp_path: Path) -> Path:
        """A directory with a `systemctl` that writes down what it is told."""
        folder = tmp_path / "bin"
        folder.mkdir()
        (folder / "systemctl").write_text('#!/bin/sh\necho "$@" >> "$HOME/told"\n[ ! -e "$HOME/refuses" ]\n')
        (folder / "systemctl").chmod(0o755)
        return folder

    def test_installs_and_uninstalls_what_it_shows(self, manager: Path, tmp_path: Path) -> None:
        shown = command("show", path=manager, home=tmp_path)
        unit = tmp_path / ".config" / "systemd" / "user" / "llmlora.service"
        installed = command("install", path=manager, home=tmp_path)
        assert installed.returncode == 0, installed.stderr
        assert unit.read_text(encoding="utf-8") == shown.stdout
        assert "loginctl enable-linger" in installed.stdout
        removed = command("uninstall", path=manager, home=tmp_path)
        assert (removed.returncode, unit.exists()) == (0, False), removed.stderr
        assert (tmp_path / "told").read_text().splitlines() == [
            "--user daemon-reload",
            "--user enable llmlora.service",
            "--user restart --no-block llmlora.service",
            "--user disable --now llmlora.service",
            "--user daemon-reload",
        ]
        again = command("uninstall", path=manager, home=tmp_path)
        assert (again.returncode, str(unit) in again.stderr) == (3, True)

    def test_refusal_of_the_manager_is_told_with_the_command(self, manager: Path, tmp_path: Path) -> None:
        (tmp_path / "refuses").touch()
        done = command("install", path=manager, home=tmp_path)
        assert done.returncode == 5
        assert "systemctl --user daemon-reload" in done.stderr

    def test_without_a_manager_the_commands_are_told(self, tmp_path: Path) -> None:
        done = command("install", path=tmp_path, home=tmp_path)
        assert done.returncode == 0
        assert "systemctl --user enable llmlora.service" in done.stdout

    def test_name_that_is_none_is_refused(self, manager: Path, tmp_path: Path) -> None:
        assert command("install", "--name", "../evil", path=manager, home=tmp_path).returncode == 2


@pytest.mark.slow
def test_what_systemd_starts_says_when_it_is_ready_and_ends_in_order(tmp_path: Path) -> None:
    """The unit's own command, in the environment that a unit has: no home, no terminal, no language."""
    data_dir, port = tmp_path / "a b 50%", free_port()
    unit = systemd_unit(service_of(data_dir))
    told = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    told.bind(str(tmp_path / "notify"))
    told.settimeout(240)
    environment = {
        "PATH": os.environ["PATH"], "NOTIFY_SOCKET": str(tmp_path / "notify"),
        "LLMLORA_API_PORT": str(port), "LLMLORA_PAGES_PORT": "0",
    }  # fmt: skip
    [folder] = values_of(unit, "WorkingDirectory")
    with (tmp_path / "log").open("wb") as log:
        service = subprocess.Popen(
            argv_of(unit), cwd=folder, env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
            start_new_session=True,
        )  # fmt: skip
    try:
        assert told.recv(100) == b"READY=1", (tmp_path / "log").read_text()
        assert httpx.get(f"http://127.0.0.1:{port}/healthz", trust_env=False).status_code == 200
        service.send_signal(signal.SIGTERM)  # to the main process alone, as KillMode=mixed does
        assert service.wait(TIMEOUT_S) == 0, (tmp_path / "log").read_text()
        assert told.recv(100) == b"STOPPING=1"
        assert not any(str(data_dir) in one for one in command_lines())
    finally:
        service.kill()
        told.close()


def command_lines() -> list[str]:
    """Of every living process."""
    found = []
    for one in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            found.append(one.read_bytes().replace(b"\0", b" ").decode(errors="replace"))
        except OSError:
            continue
    return found
