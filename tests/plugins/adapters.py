"""An adapter that was really taught: the five rows of level 1 on SmolLM2, by the recipe itself."""

import asyncio
import fcntl
import hashlib
import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest

import llmlora
from llmlora.contracts.run import BaseModelInput, FileInput, RunSpec
from llmlora.contracts.states import JobState
from llmlora.engine.hosts.running import run_dir_of, run_recipe
from llmlora.kit.files import sha256_of_tree

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


@dataclass(frozen=True)
class TrainedAdapter:
    """What a training leaves in `final_model`, and the base it was trained on."""

    directory: Path
    base: BaseModelInput

    @property
    def template(self) -> Path:
        """The chat template it was trained with."""
        return self.directory / "chat_template.jinja"

    def as_input(self) -> FileInput:
        """The adapter as a recipe is given it."""
        return FileInput(path=self.directory, sha256=sha256_of_tree(self.directory))


def adapter_of(run_dir: Path) -> TrainedAdapter:
    """The adapter of a run that has completed."""
    base = RunSpec.model_validate_json((run_dir / "spec.json").read_bytes()).inputs.base_model()
    return TrainedAdapter(run_dir / "final_model", base)


@dataclass(frozen=True)
class GgufFile:
    """A GGUF and its hash."""

    path: Path
    sha256: str


def gguf_of(adapter: TrainedAdapter, data_dir: Path, target: str = "adapter") -> GgufFile:
    """The adapter (`adapter`) or base and adapter (`merged`) in f16, by the recipe itself."""
    from tests.factories import export_run
    from tests.here import run_here

    spec = export_run(adapter.base, adapter.as_input(), data_dir, target=target)
    outcome = run_here(spec)
    assert outcome.failure is None, outcome.failure
    made = outcome.artifacts[0]
    return GgufFile(run_dir_of(spec) / made.path, made.sha256)


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
            return adapter_of(run_dir_of(spec))
        return adapter_of(known[0].parent.parent)
