"""Two real steps, a cancel and a resume of every recipe that trains, on its own example rows."""

import asyncio
import os
import signal
from pathlib import Path

import pytest

from llmlora.contracts.events import Event, MetricBatch
from llmlora.contracts.run import RunSpec
from llmlora.contracts.states import JobState
from llmlora.data.kinds.text.names import INSTRUCTION
from llmlora.engine.hosts.running import run_dir_of, run_recipe
from llmlora.recipes import RECIPES

from tests.conformance.test_recipes import ROOM
from tests.factories import dataset_of, going_on, model_input, question, text_lora_run

TRAINERS = sorted(name for name, spec in RECIPES.items() if spec.trains)


@pytest.fixture(params=TRAINERS)
def spec(request: pytest.FixtureRequest, tiny_model_dir: Path, tmp_path: Path) -> RunSpec:
    import json

    lines = (ROOM / request.param / "example.jsonl").read_text(encoding="utf-8").splitlines()
    rows = [json.loads(line) for line in lines]
    examples = [question(i, r["instruction"], r["output"]) for i, r in enumerate(rows, 1)]
    dataset = dataset_of(examples, tmp_path, INSTRUCTION)
    return text_lora_run(dataset, model_input(tiny_model_dir), tmp_path, max_steps=2, checkpoint_interval=1)


@pytest.mark.slow
def test_trains_two_real_steps(spec: RunSpec) -> None:
    steps = []

    def sink(event: Event) -> None:
        if isinstance(event.body, MetricBatch) and "train/loss" in event.body.values:
            steps.append(event.body)

    outcome = asyncio.run(run_recipe(spec, sink))
    assert outcome.state is JobState.COMPLETED, outcome.failure
    assert [s.step for s in steps] == [1, 2]
    declared = {metric.name for metric in RECIPES[spec.recipe].metrics}
    assert set(steps[-1].values) <= declared
    assert {a.kind for a in outcome.artifacts} == set(RECIPES[spec.recipe].artifacts)
    assert outcome.reports["ledger"]["rows_kept"] == 10


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL], ids=["cancel", "kill"])
def test_resumes_after_an_early_end(spec: RunSpec, number: signal.Signals) -> None:
    long = spec.model_copy(update={"config": {**spec.config, "max_steps": 40}})

    def sink(event: Event) -> None:
        if isinstance(event.body, MetricBatch) and event.body.step == 3:
            os.kill(int((run_dir_of(long) / "pid").read_text()), number)

    first = asyncio.run(run_recipe(long, sink))
    assert first.state is (JobState.CANCELLED if number is signal.SIGTERM else JobState.FAILED)
    second = asyncio.run(run_recipe(going_on(long), lambda _event: None))
    assert second.state is JobState.COMPLETED, second.failure
