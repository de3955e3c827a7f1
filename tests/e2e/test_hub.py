"""From a gated model of the hub to the gates of its deployment, by the routes that the pages use, with a token that was set there."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from llmlora.kit.net import free_port

from tests.e2e.browser import llmlora
from tests.factories import LEVEL_1
from tests.plugins.hub import FakeHub

pytestmark = pytest.mark.slow
TOKEN = "hf_aVerySecretOne123"
JOBS = "/api/training/jobs"
PATIENCE_S = 240.0


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FakeHub]:
    running = FakeHub(tmp_path_factory.mktemp("hub_home"))
    yield running
    running.close()


@pytest.fixture
def api(hub: FakeHub, data_dir: Path) -> Iterator[httpx.Client]:
    """`up` without pages."""
    port = str(free_port())
    at = ("--data-dir", str(data_dir))
    try:
        llmlora("up", "--detach", "--api-port", port, *at, HF_ENDPOINT=hub.url, LLMLORA_PAGES_PORT="0")
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=60.0) as client:
            yield client
    finally:
        llmlora("down", *at)


def over(api: httpx.Client, job_id: str) -> dict[str, Any]:
    """The job when it has ended."""
    deadline = time.monotonic() + PATIENCE_S
    while True:
        job: dict[str, Any] = api.get(f"{JOBS}/{job_id}").json()
        if job["state"] in ("completed", "failed", "cancelled"):
            return job
        assert time.monotonic() < deadline, job
        time.sleep(0.2)


def imported(api: httpx.Client, reference: str) -> dict[str, Any]:
    body = {"recipe": "import_base_model", "config": {"reference": reference}}
    return over(api, api.post(JOBS, json=body).raise_for_status().json()["id"])


@pytest.mark.long
def test_gated_model_is_refused_then_imported_trained_and_put_to_its_gates(
    api: httpx.Client, hub: FakeHub, tiny_model_dir: Path, data_dir: Path
) -> None:
    known = hub.gate("owner/gated", tiny_model_dir)
    known.granted = {TOKEN}
    refused = imported(api, "hf:owner/gated")
    assert refused["failure"]["code"] == "hub_repository_gated"
    assert f"{hub.url}/owner/gated" in refused["failure"]["ja"]

    api.put("/api/hub/token", json={"token": TOKEN}).raise_for_status()
    sent = api.post("/api/datasets/upload", files={"file": ("rows.json", LEVEL_1.read_bytes())})
    body = {
        "dataset_id": sent.raise_for_status().json()["dataset"]["id"], "base_model": "hf:owner/gated", "deploy": {},
        "config": {"rank": 4, "epochs": 1, "batch_size": 4},
    }  # fmt: skip
    training = api.post(JOBS, json=body).raise_for_status().json()
    ended = [(stage["recipe"], over(api, stage["id"])) for stage in training["stages"]]
    assert next(recipe for recipe, job in ended if job["state"] == "completed") == "text_lora"
    assert all(job["state"] == "completed" for recipe, job in ended if recipe == "export_gguf")
    # A model of random weights never ends its answers: the server answered as it does, and the last gate says so.
    [served] = [job for recipe, job in ended if recipe == "deploy_llama_cpp"]
    assert served["failure"]["code"] == "gate_failed"
    assert served["failure"]["en"].startswith("The check “Stops as trained” failed")

    found = api.get("/api/base-models/by-reference", params={"reference": f"hf:owner/gated@{known.commit}"})
    assert found.raise_for_status().json()["revision"] == known.commit
    assert hub.tokens == {f"Bearer {TOKEN}"}
    assert [path for path in data_dir.rglob("*") if path.is_file() and holds_token(path)] == []


def holds_token(path: Path) -> bool:
    try:
        return TOKEN.encode() in path.read_bytes()
    except OSError:  # the database removes files of its own
        return False
