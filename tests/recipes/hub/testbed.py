"""A data directory beside a stand-in for the hub, and what its tests do with both."""

import json
from pathlib import Path

import pytest

from llmlora.contracts.events import ArtifactKind, EventBody, LogBatch, Progress
from llmlora.contracts.run import RunInputs, RunSpec
from llmlora.kit.errors import AppError
from llmlora.recipes.blocks.base_reference import parse

from tests.plugins.hub import FakeHub, Files

WEIGHTS = "model.safetensors"


class Recorder:
    """A `contracts.recipe.Context` that keeps what is emitted, and is cancelled when it is told to be."""

    def __init__(self, data_dir: Path, token: str | None = None) -> None:
        inputs = RunInputs()
        self.spec = RunSpec(
            job_id="job_test",
            epoch=1,
            recipe="import_base_model",
            config={},
            inputs=inputs,
            data_dir=data_dir,
        )
        self.run_dir = data_dir
        self.secrets = {"HF_TOKEN": token} if token else {}
        self.bodies: list[EventBody] = []
        self.cancelled = False

    def emit(self, body: EventBody) -> None:
        self.bodies.append(body)

    def log(self, message: str, *, level: str = "info") -> None:
        self.bodies.append(LogBatch(level=level, message=message))

    def publish(self, kind: ArtifactKind, name: str, path: Path, facts: object = None) -> None:
        raise AssertionError("these checks publish nothing")

    @property
    def said(self) -> str:
        return "\n".join(body.message for body in self.bodies if isinstance(body, LogBatch))

    @property
    def progress(self) -> list[Progress]:
        return [body for body in self.bodies if isinstance(body, Progress) and body.stage == "download"]


class Testbed:
    """A data directory beside a hub."""

    def __init__(self, hub: FakeHub, data_dir: Path) -> None:
        self.hub, self.models = hub, data_dir / "models"
        self.models.mkdir(parents=True)

    def bring(
        self, reference: str, token: str | None = None, *, ctx: Recorder | None = None, **patience: float
    ) -> Path:
        """The directory of the model, imported as a job imports it, but for the child."""
        from llmlora.recipes.import_base_model.hub import from_hub
        from llmlora.recipes.import_base_model.hub_client import Patience

        ctx = ctx or Recorder(self.models.parent, token)
        quick = {"silence_s": 0.5, "pause_s": 0.02, "tries": 3} | patience
        return from_hub(parse(reference), self.models, ctx, Patience(**quick)).directory

    def refused(self, reference: str, token: str | None = None, **patience: float) -> AppError:
        with pytest.raises(AppError) as caught:
            self.bring(reference, token, **patience)
        assert caught.value.detail("ja") != caught.value.detail("en")
        return caught.value

    @property
    def parts(self) -> list[Path]:
        return list(self.models.glob(".downloads/*/*.part"))

    @property
    def left(self) -> list[str]:
        return sorted(path.name for path in self.models.iterdir())


def edited(path: Path, **changes: object) -> None:
    path.write_text(json.dumps(json.loads(path.read_text()) | changes))


def sharded(directory: Path) -> None:
    from transformers import AutoModelForCausalLM

    model = AutoModelForCausalLM.from_pretrained(directory)
    (directory / WEIGHTS).unlink()
    model.save_pretrained(directory, max_shard_size="100KB")


def held(directory: Path) -> Files:
    return {p.relative_to(directory).as_posix(): p.read_bytes() for p in directory.rglob("*") if p.is_file()}
