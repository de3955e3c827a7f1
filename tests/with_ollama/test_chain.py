"""From a model in Ollama to a tuned one beside it, through the API of a whole studio whose worker is killed on the way.

`LLMLORA_TEST_KILLS=10` kills at ten random moments instead of once in every stage.
"""

import os
import random
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest

from llmlora.devtools.seeding import TAUGHT
from llmlora.inference.ollama.names import is_staging
from llmlora.kit.net import free_port

from tests.entry.test_up import llmlora, pid_of
from tests.factories import level_1_examples
from tests.with_ollama.real import RealServer, real_server
from tests.with_ollama.standin.process import Standin, running_standin

pytestmark = pytest.mark.slow

BASE, TAG = "smollm2:135m", "llmlora/course:f16"
FINAL = ("completed", "failed", "cancelled")
STAGES = ("train", "convert", "upload", "register", "gates")
KILLS = int(os.environ.get("LLMLORA_TEST_KILLS", "0"))
PATIENCE_S = 900.0


@dataclass
class Studio:
    """A running `up` beside a stand-in."""

    home: Path
    api: httpx.Client
    ollama: Standin | RealServer


@pytest.fixture(scope="module")
def studio(tmp_path_factory: pytest.TempPathFactory, base_gguf: Path) -> Iterator[Studio]:
    root = tmp_path_factory.mktemp("chain")
    port, home = free_port(), root / "data"
    with ollama_beside(root / "ollama", base_gguf) as ollama:
        beside = {"OLLAMA_HOST": ollama.url, "OLLAMA_MODELS": str(ollama.models)}
        options = ("--data-dir", str(home), "--api-port", str(port), "--no-pages")
        done = llmlora("up", "--detach", *options, **beside)
        assert done.returncode == 0, done.stderr
        try:
            with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=120, trust_env=False) as api:
                yield Studio(home, api, ollama)
        finally:
            llmlora("down", "--data-dir", str(home))


@contextmanager
def ollama_beside(directory: Path, base_gguf: Path) -> Iterator[Standin | RealServer]:
    """An Ollama that can pull the base: the stand-in from its own registry, a real one from the library."""
    real = real_server()
    if real is not None:
        httpx.request("DELETE", f"{real.url}/api/delete", json={"model": TAG}, trust_env=False)
        yield real
        return
    with running_standin(directory) as standin:
        standin.seed(BASE, base_gguf)
        yield standin


@dataclass
class Killer:
    """Kills the worker when a stage is first seen, or at random moments."""

    home: Path
    moments: list[float] = field(default_factory=lambda: sorted(random.uniform(5, 120) for _ in range(KILLS)))
    begun: float = field(default_factory=time.monotonic)
    seen: set[str] = field(default_factory=set)
    kills: int = 0

    def look(self, jobs: list[dict[str, Any]]) -> None:
        stages = {
            one["progress"]["stage"] for one in jobs if one["state"] == "running" and one["progress"]
        } & set(STAGES)
        if KILLS:
            if self.moments and time.monotonic() - self.begun > self.moments[0]:
                self.moments.pop(0)
                self._kill()
        elif stages - self.seen:
            self.seen |= stages
            self._kill()

    def _kill(self) -> None:
        pid = pid_of(self.home, "worker")
        if pid is not None:
            os.kill(pid, signal.SIGKILL)
            self.kills += 1
            until(lambda: pid_of(self.home, "worker") not in (None, pid))


def until(holds: Callable[[], object]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not holds():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.1)


def group(api: httpx.Client, group_id: str) -> list[dict[str, Any]]:
    jobs: list[dict[str, Any]] = api.get("/api/training/jobs", params={"group_id": group_id}).json()["data"]
    return jobs


def made(answer: httpx.Response) -> dict[str, Any]:
    assert answer.is_success, answer.text
    document: dict[str, Any] = answer.json()
    return document


@pytest.mark.long
def test_pulled_trained_killed_registered_once_and_green(studio: Studio) -> None:
    api, ollama = studio.api, studio.ollama
    if not made(api.get(f"/api/models/check/{BASE}"))["installed"]:  # a real server may have no network
        pulled = made(api.post(f"/api/models/pull/{BASE}"))
        until(lambda: made(api.get(f"/api/training/jobs/{pulled['id']}"))["state"] in FINAL)
        pull = made(api.get(f"/api/training/jobs/{pulled['id']}"))
        assert pull["state"] == "completed", pull["failure"]
    reference = made(api.get(f"/api/models/check/{BASE}"))["model"]["base"]["reference"]

    examples = level_1_examples()[:2]
    rows = [{"instruction": e.messages[0].content, "output": e.messages[1].content} for e in examples]
    dataset = made(api.post("/api/datasets", json={"name": "course", "rows": rows}))["dataset"]
    job = made(
        api.post(
            "/api/training/jobs",
            json={
                "dataset_id": dataset["id"],
                "base_model": reference,
                "config": {**TAUGHT, "epochs": 15},
                "deploy": {"target": "ollama", "tag": TAG, "name": "course"},
            },
        )
    )
    killer = Killer(studio.home)

    def is_over() -> bool:
        jobs = group(api, job["group_id"])
        killer.look(jobs)
        return all(one["state"] in FINAL for one in jobs)

    until(is_over)
    jobs = group(api, job["group_id"])
    assert {one["recipe"]: one["state"] for one in jobs} == {
        "text_lora": "completed",
        "export_gguf": "completed",
        "deploy_ollama": "completed",
    }, [one["failure"] for one in jobs]
    assert killer.kills >= (KILLS or 3)

    [deployment] = made(api.get("/api/deployments", params={"name": TAG}))["data"]
    assert (deployment["state"], deployment["target"]) == ("ready", "ollama")
    assert deployment["tag"]["seal"]["training_job_id"] == job["id"]
    assert deployment["gates"]["passed"]
    tags = httpx.get(f"{ollama.url}/api/tags", trust_env=False).json()["models"]
    assert [one["name"] for one in tags].count(TAG) == 1
    # A server that ran already may hold those of other jobs.
    ours = [one["id"] for one in jobs]
    assert not [
        one["name"] for one in tags if is_staging(one["name"]) and any(id_ in one["name"] for id_ in ours)
    ]
    answer = made(
        api.post(
            "/v1/chat/completions",
            json={
                "model": TAG,
                "messages": [{"role": "user", "content": examples[0].messages[0].content}],
                "temperature": 0,
                "max_tokens": 64,
            },
        )
    )
    assert answer["choices"][0]["message"]["content"].strip() == examples[0].messages[1].content
    again = api.post(
        "/api/training/jobs",
        json={"dataset_id": dataset["id"], "deploy": {"target": "ollama", "tag": TAG}},
    )
    assert (again.status_code, again.json()["code"]) == (409, "ollama_tag_taken")
