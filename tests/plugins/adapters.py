"""An adapter that was really taught: the five rows of level 1 on SmolLM2, by the recipe itself."""

import asyncio
import fcntl
import hashlib
import shutil
from pathlib import Path

import pytest

import llmlora
from llmlora.contracts.recipe import BaseModelInput
from llmlora.contracts.states import JobState
from llmlora.engine.hosts.running import run_dir_of, run_recipe
from llmlora.features.deployments.adapters import TrainedAdapter, find_adapter

LESSON = {
    "rank": 4,
    "alpha": 8,
    "learning_rate": 2e-3,
    "epochs": 8,
    "batch_size": 1,
    "schedule": "constant",
    "warmup_ratio": 0,
    "precision": "fp32",
}


def _code_digest() -> str:
    """Of everything that decides what training gives."""
    root = Path(llmlora.__file__).parent
    places = [root / "data", root / "recipes" / "blocks", root / "recipes" / "text_lora"]
    digest = hashlib.sha256(repr(LESSON).encode())
    for path in sorted(p for place in places for p in place.rglob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


@pytest.fixture(scope="session")
def taught_adapter(request: pytest.FixtureRequest, bundled_model: BaseModelInput) -> TrainedAdapter:
    """`final_model` of a `text_lora` run that knows all five answers; kept until the training code changes."""
    from tests.factories import dataset_of, level_1_examples, text_lora_run

    kept = request.config.cache.mkdir(f"adapters_{_code_digest()}_{bundled_model.weights_digest[:12]}")
    with (kept / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        known = sorted(kept.glob("jobs/*/1/final_model/adapter_model.safetensors"))
        if not known:
            shutil.rmtree(kept / "jobs", ignore_errors=True)
            spec = text_lora_run(dataset_of(level_1_examples(), kept), bundled_model, kept, **LESSON)
            outcome = asyncio.run(run_recipe(spec, lambda _event: None))
            assert outcome.state is JobState.COMPLETED, outcome.failure
            return find_adapter(str(run_dir_of(spec)), kept)
        return find_adapter(str(known[0].parent), kept)
