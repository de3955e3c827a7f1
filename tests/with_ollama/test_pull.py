"""A pull as a job's recipe: layer by layer, to be broken off, and told when it cannot be."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from llmlora.contracts.events import Event, Progress
from llmlora.contracts.run import EndpointInput, RunInputs, RunSpec
from llmlora.contracts.states import JobState
from llmlora.engine.hosts.running import Outcome, run_recipe
from llmlora.kit.ids import new_id

from tests.with_ollama.standin.process import Standin, running_standin

pytestmark = pytest.mark.slow


def pull_run(url: str, name: str, data_dir: Path) -> RunSpec:
    return RunSpec(
        job_id=new_id("job"),
        epoch=1,
        recipe="pull_ollama_model",
        config={"name": name},
        inputs=RunInputs(endpoint=EndpointInput(engine="ollama", base_url=url, model=name)),
        data_dir=data_dir,
    )


def pull(
    standin: Standin, name: str, data_dir: Path, cancel_at: int | None = None
) -> tuple[Outcome, list[Progress]]:
    """A pull in a child, and the progress it told; cancelled once that many bytes of a layer are there."""
    steps: list[Progress] = []

    async def work() -> Outcome:
        cancel = asyncio.Event()

        def sink(event: Event) -> None:
            if isinstance(event.body, Progress):
                steps.append(event.body)
                if cancel_at is not None and event.body.done >= cancel_at:
                    cancel.set()

        return await run_recipe(pull_run(standin.url, name, data_dir), sink, cancel=cancel)

    return asyncio.run(work()), steps


def test_layers_are_told_one_by_one(standin: Standin, base_gguf: Path, tmp_path: Path) -> None:
    standin.seed("pulled:1", base_gguf)
    outcome, steps = pull(standin, "pulled:1", tmp_path)
    assert outcome.state is JobState.COMPLETED, outcome.failure
    stages = list(dict.fromkeys(step.stage for step in steps))
    assert len(stages) > 1
    assert all(stage.startswith("layer ") for stage in stages)
    weights = [step for step in steps if step.total == base_gguf.stat().st_size]
    assert weights[-1].done == weights[-1].total
    assert [step.done for step in weights] == sorted(step.done for step in weights)
    report: Any = outcome.reports["pull"]
    assert report["digest"]
    assert report["size_bytes"] >= base_gguf.stat().st_size


def test_broken_off_it_goes_on_where_it_was(base_gguf: Path, tmp_path: Path) -> None:
    with running_standin(tmp_path / "slow", pull_piece_bytes=4 << 20, pull_delay_s=0.1) as slow:
        slow.seed("large:1", base_gguf)
        broken, steps = pull(slow, "large:1", tmp_path, cancel_at=16 << 20)
        assert broken.state is JobState.CANCELLED
        had = max(step.done for step in steps)
        outcome, again = pull(slow, "large:1", tmp_path)
        assert outcome.state is JobState.COMPLETED, outcome.failure
        first = next(step for step in again if step.total == base_gguf.stat().st_size)
        assert first.done >= had // 2


@pytest.mark.parametrize(
    ("mode", "code"),
    [
        (None, "ollama_pull_failed"),
        ("disk_full", "ollama_disk_full"),
        ("no_success", "ollama_answer_broken"),
        ("reset", "ollama_answer_broken"),
    ],
)
def test_what_went_wrong_is_told(
    standin: Standin, base_gguf: Path, tmp_path: Path, mode: str | None, code: str
) -> None:
    if mode is not None:
        standin.seed("pulled:2", base_gguf)
        standin.fault(mode, "/api/pull")
    outcome, _ = pull(standin, "pulled:2" if mode else "nobody/knows:1", tmp_path)
    standin.heal()
    assert outcome.failure is not None
    assert outcome.failure.code == code
