"""What a person does in a true browser (frontend/flows/) and a script does with OpenAI's client, on the true platform."""

import asyncio
import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

import httpx
import pytest

from tests.e2e.browser import Studio, running_studio, walk
from tests.e2e.long_history import record_history
from tests.factories import REPOSITORY, level_1_examples

pytestmark = pytest.mark.slow

EXAMPLE = REPOSITORY / "examples" / "openai_finetune.py"
CASE_27 = REPOSITORY / "tests" / "cases" / "27-openai-fine-tuning-script"
CALLS_OF_SCRIPTS = CASE_27 / "ft.py"
# The script has an address of its own in it: what it makes a client with is given this studio's instead.
AT_THIS_STUDIO = """
import functools, openai, runpy, sys
openai.OpenAI = lambda made=openai.OpenAI, **given: made(**{**given, "base_url": sys.argv[1]})
runpy.run_path("suffix.py")
"""
OPEN_STATES = ("pending", "queued", "running")
PATIENCE_S = 60.0


@pytest.fixture(scope="module")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Studio]:
    """One studio for all; the first flow begins in an empty one, the others find what it left."""
    with running_studio(tmp_path_factory.mktemp("studio") / "data") as running:
        yield running


@pytest.mark.parametrize("flow", ["main", "tables", "visual"])
def test_flow_reaches_its_end(studio: Studio, flow: str, tmp_path: Path) -> None:
    done = walk(studio, f"flows/{flow}.flow.ts", tmp_path)
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}\n{tmp_path}"


class TestExample:
    @pytest.mark.long
    def test_tuned_model_answers_what_the_base_does_not(self, studio: Studio) -> None:
        done = run_example(f"{studio.api_url}/v1")
        output = done.stdout
        assert done.returncode == 0, output + done.stderr
        taught = level_1_examples()[0].messages[-1].content
        base = re.search(r"^base .*?\): (.*)", output, re.MULTILINE | re.DOTALL)
        tuned = re.search(
            r"^tuned \(ft:smollm2-135m-instruct:llmlora:example:\w+\): (.*)", output, re.MULTILINE
        )
        assert base is not None
        assert tuned is not None, output
        assert tuned.group(1).strip() == taught
        assert not base.group(1).startswith(taught)
        assert "training loss" in output
        assert "New fine-tuned model created" in output

    def test_server_that_is_not_there_is_told(self) -> None:
        done = run_example("http://127.0.0.1:9/v1")
        assert done.returncode == 1
        assert "is not there" in done.stderr


class TestCallsOfFineTuningScripts:
    """Case 27: a script of another hand, as it is."""

    def test_each_gets_what_it_expects_and_no_job_is_left(self, studio: Studio) -> None:
        before = open_jobs(studio)
        done = subprocess.run(
            [sys.executable, str(CALLS_OF_SCRIPTS), f"{studio.api_url}/v1"],
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        lines = done.stdout.splitlines()
        assert [line for line in lines if not line.startswith("ok ")] == []
        assert len(lines) == 16
        deadline = time.monotonic() + PATIENCE_S
        while open_jobs(studio) - before:  # one that had begun takes a moment to end
            assert time.monotonic() < deadline, open_jobs(studio) - before
            time.sleep(0.2)


@pytest.mark.long
class TestScriptWithAJapaneseSuffix:
    """Case 27: `suffix.py`, byte for byte."""

    def test_trains_and_its_model_answers_under_a_name_with_the_suffix(self, studio: Studio) -> None:
        done = run_suffix_script(f"{studio.api_url}/v1")
        assert done.returncode == 0, done.stdout + done.stderr
        assert told_by_suffix_script(done.stdout) == []


def run_suffix_script(base_url: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", AT_THIS_STUDIO, base_url],
        cwd=CASE_27,
        capture_output=True,
        text=True,
        check=False,
    )


def told_by_suffix_script(output: str) -> list[str]:
    """What its output lacks."""
    created, ended, model, answer, events, checkpoints = output.splitlines()
    wanted = {
        created: ["顧客窓口 2024/春", "'metadata': {'team': '窓口'}", "'seed': 7"],
        ended: ["succeeded ft:smollm2-135m-instruct:llmlora:顧客窓口-2024-春:", " None ", "顧客窓口 2024/春"],
        model: ["Model(id='ft:smollm2-135m-instruct:llmlora:顧客窓口-2024-春:"],
        answer: ["finish_reason='stop'", "content='The hall is open from nine to six.'"],
        events: ["New fine-tuned model created"],
        checkpoints: ["ftckpt"],
    }
    return [
        f"{part} is not in {line}" for line, parts in wanted.items() for part in parts if part not in line
    ]


def open_jobs(studio: Studio) -> set[str]:
    """Ids of trainings and what follows them that have not ended."""
    query = {"state": OPEN_STATES, "limit": 200}
    found = httpx.get(f"{studio.api_url}/api/training/jobs", params=query).raise_for_status().json()["data"]
    return {job["id"] for job in found if job["recipe"] != "import_base_model"}


@pytest.mark.long
def test_pages_read_no_more_of_a_long_history(studio: Studio, tmp_path: Path) -> None:
    if not httpx.get(f"{studio.api_url}/api/datasets?limit=1").json()["data"]:  # run by itself
        rows = [{"instruction": "空の色は？", "output": "青です。"}]
        httpx.post(f"{studio.api_url}/api/datasets", json={"name": "空", "rows": rows}).raise_for_status()
    history = asyncio.run(
        record_history(studio.data_dir, short=50, long=50_000, waiting=250, datasets=250, models=120)
    )
    done = walk(studio, "flows/history.flow.ts", tmp_path, HISTORY=json.dumps(asdict(history)))
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}\n{tmp_path}"


def run_example(base_url: str) -> subprocess.CompletedProcess[str]:
    """The example that people copy, run to its end."""
    return subprocess.run(
        [sys.executable, str(EXAMPLE)],
        env={**os.environ, "OPENAI_BASE_URL": base_url, "OPENAI_API_KEY": "any"},
        capture_output=True,
        text=True,
        check=False,
    )
