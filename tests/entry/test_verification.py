"""A studio is examined while it runs: each planted fault turns its own line red, with a cure, and the exit code."""

import asyncio
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from llmlora.engine.embedded.services import ServiceUrls
from llmlora.entry.verification import COURSE_DATA, examine_running
from llmlora.features.system.checks import Finding, examine_machine
from llmlora.features.system.outside_checks import models_finding
from llmlora.kit.db import Database
from llmlora.kit.settings import Settings

from tests.engine.embedded.door import AS_ROOT
from tests.factories import REPOSITORY
from tests.features.chat_door import registered_base

SCRIPTS = REPOSITORY / "tutorial" / "scripts"
NOBODY = "http://127.0.0.1:9"


@pytest.fixture
def place(tmp_path: Path, own_urls: ServiceUrls) -> Settings:
    """A data directory whose services run, where no studio does, and which no other test has filled."""
    return Settings(
        data_dir=tmp_path / "data",
        database_url=own_urls.database_url,
        redis_url=own_urls.redis_url,
        api_port=free_port(),
        pages_port=free_port(),
        ollama_host=NOBODY,
    )


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def neighbour() -> Iterator[int]:
    """A port where somebody else listens."""
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        yield other.getsockname()[1]


ONE_FILE = COURSE_DATA / "level1_basic.csv"  # a child reads each: all of them take ten seconds


def examined(settings: Settings, *, ollama_wanted: bool = True, data: Path = ONE_FILE) -> dict[str, Finding]:
    async def look() -> dict[str, Finding]:
        found = examine_running(settings, ollama_wanted=ollama_wanted, data=data)
        return {one.id: one async for one in found}

    return asyncio.run(look())


def red(findings: dict[str, Finding]) -> set[str]:
    for one in findings.values():
        assert one.state == "ok" or (one.cure_ja and one.cure_en)
    return {name for name, one in findings.items() if one.state == "fail"}


class TestRunning:
    def test_nothing_but_the_studio_is_missing(self, place: Settings) -> None:
        findings = examined(place, ollama_wanted=False, data=COURSE_DATA)
        assert red(findings) == {"up"}
        assert "./llmlora up" in findings["up"].cure_en
        assert findings["ports"].ok
        assert not place.data_dir.joinpath("postgres").exists()  # nothing was started

    def test_services_that_stopped(self, place: Settings, tmp_path: Path) -> None:
        stopped = place.model_copy(update={"database_url": None, "redis_url": None})
        assert red(examined(stopped, ollama_wanted=False)) == {"up", "postgres", "valkey"}
        away = place.model_copy(update={"database_url": "postgresql://x@127.0.0.1:9/x"})
        findings = examined(away, ollama_wanted=False)
        assert red(findings) == {"up", "postgres"}
        assert "LLMLORA_DATABASE_URL" in findings["postgres"].cure_en

    @pytest.mark.parametrize("which", ["api_port", "pages_port"])
    def test_port_that_another_program_has(self, place: Settings, neighbour: int, which: str) -> None:
        findings = examined(place.model_copy(update={which: neighbour}), ollama_wanted=False)
        assert red(findings) == {"up", "ports"}
        assert str(neighbour) in findings["ports"].cure_ja
        assert which.replace("_", "-") in findings["ports"].cure_en

    def test_no_ollama_is_red_where_it_is_wanted(self, place: Settings) -> None:
        findings = examined(place)
        assert red(findings) == {"up", "ollama"}
        assert "ollama.com" in findings["ollama"].cure_ja
        assert "--no-ollama" in findings["ollama"].cure_en
        assert examined(place, ollama_wanted=False)["ollama"].ok

    def test_bad_data(self, place: Settings, tmp_path: Path) -> None:
        rows = [{"instruction": "同じ", "output": "行です"}] * 2
        (tmp_path / "bad").mkdir()
        (tmp_path / "bad" / "rows.json").write_text(json.dumps(rows), encoding="utf-8")
        findings = examined(place, ollama_wanted=False, data=tmp_path / "bad")
        assert red(findings) == {"up", "datasets"}
        assert "rows.json" in findings["datasets"].ja
        assert "datasets" in red(examined(place, ollama_wanted=False, data=tmp_path / "none"))

    @pytest.mark.anyio
    async def test_base_model_whose_files_are_gone(self, database: Database, tmp_path: Path) -> None:
        directory = tmp_path / "models" / "bm"
        directory.mkdir(parents=True)
        (directory / "model.safetensors").write_bytes(b"weights")
        facts = {"files": {"model.safetensors": {"size_bytes": 7}}, "requested": []}
        async with registered_base(database, None, path="models/bm", facts=facts) as row:
            assert row.reference not in (await models_finding(database, tmp_path)).ja
            for broken in (b"cut", None):
                (directory / "model.safetensors").unlink()
                if broken is not None:
                    (directory / "model.safetensors").write_bytes(broken)
                finding = await models_finding(database, tmp_path)
                assert (finding.state, row.reference in finding.ja) == ("fail", True)


class TestMachine:
    def test_clock_that_is_behind_what_was_written(self, tmp_path: Path) -> None:
        def clock() -> Finding:
            return next(one for one in examine_machine(Settings(data_dir=tmp_path)) if one.id == "clock")

        (tmp_path / "jobs").mkdir()
        assert clock().ok
        ahead = time.time() + 86_400
        os.utime(tmp_path / "jobs", (ahead, ahead))
        assert (clock().state, "timedatectl" in clock().cure_en) == ("fail", True)

    @AS_ROOT
    def test_disk_that_is_full(self, tmp_path: Path) -> None:
        disk = tmp_path / "disk"
        disk.mkdir()
        mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64m", "tmpfs", disk], check=False)
        if mounted.returncode != 0:
            pytest.skip("this machine forbids mounting a tmpfs, so no disk can be filled")
        try:
            found = {one.id: one for one in examine_machine(Settings(data_dir=disk))}
            assert (found["disk"].state, "5 GB" in found["disk"].cure_en) == ("fail", True)
        finally:
            subprocess.run(["umount", disk], check=True)


@pytest.mark.long
class TestDoors:
    def test_scripts_are_doors_to_the_commands(self, tmp_path: Path) -> None:
        shutil.copytree(SCRIPTS, tmp_path / "tutorial" / "scripts")
        door = tmp_path / "llmlora"
        door.write_text('#!/bin/sh\necho "$@"\nexit 7\n')
        door.chmod(0o755)
        for script, command in (
            ("run_all_verifications.sh", "doctor --running --json"),
            ("validate_datasets.py", "datasets validate --json"),
        ):
            path = tmp_path / "tutorial" / "scripts" / script
            done = subprocess.run([path, "--json"], capture_output=True, text=True, cwd="/", check=False)
            assert (done.returncode, done.stdout.strip()) == (7, command)

    def test_exit_codes_follow_what_was_found(self, tmp_path: Path) -> None:
        def cli(*arguments: str, **env: str) -> subprocess.CompletedProcess[str]:
            argv = [sys.executable, "-m", "llmlora.entry.cli", *arguments]
            return subprocess.run(
                argv, capture_output=True, text=True, env={**os.environ, **env}, check=False
            )

        ascii_only = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
        looked = cli("doctor", "--running", "--no-ollama", "--data-dir", str(tmp_path), **ascii_only)
        assert looked.returncode == 5
        assert "locale: filesystem ascii" in looked.stdout
        assert "PYTHONUTF8=1" in looked.stdout
        assert re.search(r"[2-9] of \d+ checks failed", looked.stdout)
        good, bad = tmp_path / "good.json", tmp_path / "bad.json"
        good.write_text('[{"instruction": "a", "output": "b"}]')
        bad.write_text('[{"instruction": "a", "output": "b"}, {"instruction": "a", "output": "b"}]')
        assert cli("datasets", "validate", str(good)).returncode == 0
        judged = cli("datasets", "validate", str(good), str(bad), "--json")
        assert judged.returncode == 2
        assert [one["ok"] for one in json.loads(judged.stdout)["files"]] == [True, False]
        (tmp_path / "empty").mkdir()
        assert cli("datasets", "validate", str(tmp_path / "empty")).returncode == 3

    def test_course_by_http_says_that_nobody_answers(self) -> None:
        script = SCRIPTS / "test_tutorial_flow.py"
        done = subprocess.run(
            [sys.executable, script, "--url", NOBODY, "--json"], capture_output=True, text=True, check=False
        )
        assert done.returncode == 5
        assert "./llmlora up" in json.loads(done.stdout)["error"]
