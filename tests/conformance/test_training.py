"""Two real steps, a cancel and a resume of every recipe that trains, on its own example rows."""

import asyncio
import os
import signal
from pathlib import Path

import pytest

from llmlora.contracts.events import Event, MetricBatch
from llmlora.contracts.run import DatasetInput, RunSpec
from llmlora.contracts.states import JobState
from llmlora.data.importer import import_file
from llmlora.data.importer_protocol import Request
from llmlora.engine.hosts.running import run_dir_of, run_recipe
from llmlora.kit.ids import new_id
from llmlora.recipes import RECIPES
from llmlora.recipes.blocks.tasks import ENCODE, GENERATE

from tests.conformance.test_recipes import ROOM
from tests.factories import going_on, model_input, training_run

TRAINERS = sorted(name for name, spec in RECIPES.items() if spec.trains)


TINY = {GENERATE: "tiny_model_dir", ENCODE: "tiny_encoder_dir"}


@pytest.fixture(params=TRAINERS)
def spec(request: pytest.FixtureRequest, tmp_path: Path) -> RunSpec:
    """Its example, read as a file that somebody adds, and the tiny model of a task that it teaches."""
    directory = tmp_path / "example"
    directory.mkdir()
    source = ROOM / request.param / "example.jsonl"
    read = import_file(
        Request(source=source, directory=directory, kind=None, mapping={}), lambda _message: None
    )
    assert read.found.kind in RECIPES[request.param].dataset_kinds
    dataset = DatasetInput(
        id=new_id("ds"),
        kind=read.found.kind,
        path=directory / "rows.parquet",
        sha256=str(read.rows_sha256),
        rows=read.counts.kept,
    )
    recipe = RECIPES[request.param]
    base = None
    if "base_model" in recipe.inputs:
        [task] = recipe.inputs["base_model"].base_model_tasks
        base = model_input(request.getfixturevalue(TINY[task]))
    short = {"max_steps": 2, "checkpoint_interval": 1}
    known = {name: value for name, value in short.items() if name in recipe.config.model_fields}
    return training_run(recipe.name, dataset, base, tmp_path, **known)


@pytest.mark.slow
def test_trains_two_real_steps(spec: RunSpec) -> None:
    steps = []
    main = next(metric.name for metric in RECIPES[spec.recipe].metrics if metric.main)

    def sink(event: Event) -> None:
        if isinstance(event.body, MetricBatch) and main in event.body.values:
            steps.append(event.body)

    outcome = asyncio.run(run_recipe(spec, sink))
    assert outcome.state is JobState.COMPLETED, outcome.failure
    assert [s.step for s in steps] == [1, 2]
    declared = {metric.name for metric in RECIPES[spec.recipe].metrics}
    assert set(steps[-1].values) <= declared
    assert {a.kind for a in outcome.artifacts} == set(RECIPES[spec.recipe].artifacts)
    if "ledger" in RECIPES[spec.recipe].reports:
        assert outcome.reports["ledger"]["rows_kept"] == 10


@pytest.mark.slow
@pytest.mark.parametrize(
    "number",
    [
        pytest.param(signal.SIGTERM, id="cancel", marks=pytest.mark.long),
        pytest.param(signal.SIGKILL, id="kill"),
    ],
)
def test_resumes_after_an_early_end(spec: RunSpec, number: signal.Signals) -> None:
    # Steps of a recipe that has no number of them are few, and each is one that a resume can go on from.
    is_counted = "max_steps" in spec.config
    long = spec.model_copy(update={"config": {**spec.config, "max_steps": 40}}) if is_counted else spec

    def sink(event: Event) -> None:
        if isinstance(event.body, MetricBatch) and event.body.step == (3 if is_counted else 1):
            os.kill(int((run_dir_of(long) / "pid").read_text()), number)

    first = asyncio.run(run_recipe(long, sink))
    assert first.state is (JobState.CANCELLED if number is signal.SIGTERM else JobState.FAILED)
    second = asyncio.run(run_recipe(going_on(long), lambda _event: None))
    assert second.state is JobState.COMPLETED, second.failure
