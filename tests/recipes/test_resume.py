"""A run that is killed and resumed ends where an unbroken one does."""

import asyncio
import os
import random
import signal
from pathlib import Path

import psutil
import pytest
from safetensors.torch import load_file

from llmlora.contracts.events import Checkpoint, Event, LogBatch, MetricBatch
from llmlora.contracts.run import RunSpec
from llmlora.contracts.states import JobState
from llmlora.engine.hosts.running import EventSink, Outcome, run_dir_of, run_recipe
from llmlora.kit.files import size_of_tree
from llmlora.recipes.blocks.checkpoint import load_checkpoint, load_state, whole_checkpoint

from tests.factories import dataset_of, going_on, level_1_examples, model_input, text_lora_run
from tests.here import run_here

# Dropout draws random numbers, weight decay and cosine depend on the step: all of it has to be restored.
SETTINGS = {
    "rank": 4,
    "dropout": 0.1,
    "learning_rate": 1e-2,
    "weight_decay": 0.01,
    "epochs": 30.0,
    "batch_size": 2,
    "gradient_accumulation": 2,
    "eval_split": 0.2,
    "early_stopping_patience": 50,
    "checkpoint_interval": 2,
}
# Enough where nobody has to be quick to kill it: twelve steps, six checkpoints.
SHORT = {"epochs": 4.0}


def run(spec: RunSpec, sink: EventSink | None = None) -> Outcome:
    """A run that is watched can be killed, so it has a process of its own."""
    return run_here(spec) if sink is None else asyncio.run(run_recipe(spec, sink))


def killer_at(spec: RunSpec, step: int, number: signal.Signals) -> EventSink:
    """A sink that signals the child as soon as it reports a step."""

    def sink(event: Event) -> None:
        if (
            isinstance(event.body, MetricBatch)
            and event.body.step == step
            and "train/loss" in event.body.values
        ):
            os.kill(int((run_dir_of(spec) / "pid").read_text()), number)

    return sink


def greatest_difference(one: Path, other: Path) -> float:
    first, second = (load_file(p / "final_model" / "adapter_model.safetensors") for p in (one, other))
    assert first.keys() == second.keys()
    return max((first[k] - second[k]).abs().max().item() for k in first)


@pytest.fixture(scope="module")
def spec_of(tiny_model_dir: Path, tmp_path_factory: pytest.TempPathFactory):  # type: ignore[no-untyped-def]
    root = tmp_path_factory.mktemp("resume")
    examples = [e.model_copy(update={"row": i}) for i, e in enumerate(level_1_examples() * 3, 1)]
    dataset = dataset_of(examples, root)
    return lambda **more: text_lora_run(dataset, model_input(tiny_model_dir), root, **(SETTINGS | more))


@pytest.fixture(scope="module")
def unbroken(spec_of) -> RunSpec:  # type: ignore[no-untyped-def]
    spec: RunSpec = spec_of()
    assert run(spec).state is JobState.COMPLETED
    return spec


class TestKilledRun:
    @pytest.mark.slow
    @pytest.mark.parametrize("attempt", range(2))
    def test_resumed_run_ends_with_the_same_adapter(self, spec_of, unbroken, attempt: int) -> None:  # type: ignore[no-untyped-def]
        spec = spec_of()
        step = random.Random(attempt).randint(3, 15)
        outcome = run(spec, sink=killer_at(spec, step, signal.SIGKILL))
        assert outcome.state is JobState.FAILED
        assert outcome.failure is not None
        assert outcome.failure.code == "child_died"
        resumed = going_on(spec)
        assert resumed.epoch == 2
        assert run(resumed).state is JobState.COMPLETED
        assert greatest_difference(run_dir_of(unbroken), run_dir_of(resumed)) <= 1e-6

    @pytest.mark.slow
    def test_run_killed_before_its_first_checkpoint_leaves_none(self, spec_of) -> None:  # type: ignore[no-untyped-def]
        spec = spec_of(checkpoint_interval=1000)
        run(spec, sink=killer_at(spec, 1, signal.SIGKILL))
        assert list(run_dir_of(spec).glob("checkpoints/*")) == []


class TestCancelledRun:
    @pytest.mark.slow
    def test_sigterm_saves_the_last_whole_step_and_resumes_exactly(self, spec_of, unbroken) -> None:  # type: ignore[no-untyped-def]
        spec = spec_of(checkpoint_interval=1000)
        outcome = run(spec, sink=killer_at(spec, 5, signal.SIGTERM))
        assert outcome.state is JobState.CANCELLED
        assert outcome.checkpoints[-1].step >= 5
        resumed = going_on(spec)
        assert run(resumed.model_copy(update={"config": spec.config})).state is JobState.COMPLETED
        assert greatest_difference(run_dir_of(unbroken), run_dir_of(resumed)) <= 1e-6


class TestCheckpoint:
    @pytest.mark.slow
    def test_broken_checkpoint_is_passed_over_for_the_one_before(self, spec_of) -> None:  # type: ignore[no-untyped-def]
        spec = spec_of(**SHORT)
        run(spec)
        directories = sorted((run_dir_of(spec) / "checkpoints").iterdir())
        with (directories[-1] / "parameters.safetensors").open("r+b") as stream:
            stream.seek(200)
            stream.write(b"\xff\xff\xff\xff")
        resumed = going_on(spec)
        assert whole_checkpoint(resumed) == directories[-2]
        told: list[str] = []
        outcome = run_here(
            resumed, lambda e: told.append(e.body.message) if isinstance(e.body, LogBatch) else None
        )
        assert outcome.state is JobState.COMPLETED
        assert any(f"resuming from {directories[-2].name}" in line for line in told)

    @pytest.mark.slow
    def test_checkpoint_is_read_once_to_prove_it(self, spec_of) -> None:  # type: ignore[no-untyped-def]
        spec = spec_of(**SHORT)
        run(spec)
        read_before = psutil.Process().io_counters().read_chars
        resumed = going_on(spec)
        newest = whole_checkpoint(resumed)
        assert newest is not None
        load_state(newest)
        load_checkpoint(newest)
        read_bytes = psutil.Process().io_counters().read_chars - read_before
        assert read_bytes < 2.5 * size_of_tree(newest)  # once to hash it, once to have it

    @pytest.mark.slow
    def test_run_of_broken_checkpoints_alone_says_which_is_broken(self, spec_of) -> None:  # type: ignore[no-untyped-def]
        spec = spec_of(**SHORT, keep_checkpoints=1)
        run(spec)
        [only] = (run_dir_of(spec) / "checkpoints").iterdir()
        state = only / "state.json"
        state.write_bytes(state.read_bytes()[::-1])
        outcome = run_here(going_on(spec))
        assert outcome.failure is not None
        assert (outcome.failure.code, "state.json" in outcome.failure.en) == ("checkpoint_broken", True)

    @pytest.mark.slow
    def test_only_the_newest_are_kept(self, spec_of) -> None:  # type: ignore[no-untyped-def]
        spec = spec_of(**SHORT, keep_checkpoints=2)
        outcome = run(spec)
        kept = sorted(p.name for p in (run_dir_of(spec) / "checkpoints").iterdir())
        announced = [c.path.rsplit("/", 1)[-1] for c in outcome.checkpoints]
        assert len(announced) > 2
        assert kept == announced[-2:]

    @pytest.mark.slow
    def test_checkpoint_of_other_settings_is_refused(self, spec_of) -> None:  # type: ignore[no-untyped-def]
        spec = spec_of(**SHORT)
        run(spec)
        other = going_on(spec)
        other = other.model_copy(update={"config": {**other.config, "learning_rate": 0.5}})
        outcome = run_here(other)
        assert outcome.failure is not None
        assert outcome.failure.code == "checkpoint_mismatch"


@pytest.mark.slow
class TestEvents:
    def test_numbers_have_no_gap_and_checkpoints_exist_when_announced(self, spec_of) -> None:  # type: ignore[no-untyped-def]
        spec, seen = spec_of(**SHORT), []

        def sink(event: Event) -> None:
            seen.append(event.src_seq)
            if isinstance(event.body, Checkpoint):
                assert (run_dir_of(spec) / event.body.path / "manifest.json").is_file()

        run(spec, sink=sink)
        assert seen == list(range(1, len(seen) + 1))
