"""SIGTERM at any place of any recipe: the child ends by itself, well within its grace, with what it had.

Every run is asked to end where it says that something begins which takes far longer than a signal: more rows than are
read in a moment, long rows to evaluate, a file of many gigabytes, a server that is silent.
"""

import asyncio
import shutil
import socket
import struct
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from llmlora.contracts.events import (
    Event,
    Finished,
    LogBatch,
    MetricBatch,
    Progress,
    ResourceSample,
    event_adapter,
)
from llmlora.contracts.run import EndpointInput, FileInput, Resources, RunInputs, RunSpec
from llmlora.contracts.states import JobState
from llmlora.data.kinds.text.names import CHAT
from llmlora.engine.hosts.nursery import Nursery
from llmlora.engine.hosts.running import CANCEL_GRACE_S, Outcome, run_dir_of, run_recipe
from llmlora.kit.ids import new_id

from tests.factories import (
    dataset_of,
    going_on,
    level_1_examples,
    model_input,
    planned_export,
    question,
    text_lora_run,
)
from tests.here import run_here

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="the children are forked, which is for Linux"),
]
ENOUGH_ROWS = 6_000
HUGE_BYTES = 48 << 30
At = Callable[[Event], bool]


@dataclass
class Ended:
    """One run that was asked to end, `later_s` behind an event."""

    spec: RunSpec
    at: At
    later_s: float = 0.0
    outcome: Outcome = field(default_factory=lambda: Outcome(state=JobState.FAILED))
    took_s: float = 0.0

    @property
    def events(self) -> list[Any]:
        lines = (run_dir_of(self.spec) / "events.jsonl").read_bytes().splitlines()
        return [event_adapter.validate_json(line).body for line in lines]

    @property
    def metrics(self) -> set[tuple[str, int]]:
        return {(k, e.step) for e in self.events if isinstance(e, MetricBatch) for k in e.values}


def at_stage(stage: str) -> At:
    return lambda event: isinstance(event.body, Progress) and event.body.stage == stage


def at_loaded(event: Event) -> bool:
    return at_stage("load")(event) and getattr(event.body, "done", 0) == 1


def at_log(words: str) -> At:
    return lambda event: isinstance(event.body, LogBatch) and words in event.body.message


def at_metric(name: str, step: int) -> At:
    return lambda event: (
        isinstance(event.body, MetricBatch) and event.body.step == step and name in event.body.values
    )


def after_a_while(event: Event) -> bool:
    return isinstance(event.body, ResourceSample)


def huge_model(base: Path, directory: Path) -> Path:
    """A model with one tensor of many gigabytes, all of them a hole in the file."""
    directory.mkdir()
    for file in base.iterdir():
        if file.suffix != ".safetensors":
            shutil.copyfile(file, directory / file.name)
    side = HUGE_BYTES // 4
    header = (
        b'{"lm_head.weight":{"dtype":"F32","shape":[%d],"data_offsets":[0,%d]}}' % (side, 4 * side)
    ).ljust(96)
    with (directory / "model.safetensors").open("wb") as stream:
        stream.write(struct.pack("<Q", len(header)) + header)
        stream.truncate(8 + len(header) + 4 * side)
    return directory


@contextmanager
def silent_server() -> Iterator[str]:
    """Takes every connection, and says nothing."""
    with socket.create_server(("127.0.0.1", 0), backlog=64) as server:
        yield f"http://127.0.0.1:{server.getsockname()[1]}"


def other_run(recipe: str, data_dir: Path, inputs: RunInputs, **config: Any) -> RunSpec:
    return RunSpec(
        job_id=new_id("job"), epoch=1, recipe=recipe, config=config, inputs=inputs, data_dir=data_dir,
        resources=Resources(device="cpu", threads=1),
    )  # fmt: skip


def faults(base: Path, root: Path, server: str) -> dict[str, Ended]:
    """Where a run is, and how that is known."""
    few = [e.model_copy(update={"row": i}) for i, e in enumerate(level_1_examples() * 3, 1)]
    small = dataset_of(few, root)
    many = dataset_of(
        [question(i, f"What is {i}?", f"It is {i}.") for i in range(1, ENOUGH_ROWS)], root, CHAT
    )
    long_rows = [question(i, f"What is {i}?", f"It is {i}. " * 60) for i in range(1, 241)]
    long, longest = dataset_of(long_rows[:60], root), dataset_of(long_rows, root)
    model = model_input(base)
    taught = text_lora_run(small, model, root, max_steps=1)
    assert run_here(taught).state is JobState.COMPLETED
    adapter = FileInput(path=run_dir_of(taught) / "final_model", sha256="-")
    held: dict[str, Any] = {"eval_split": 0.5, "batch_size": 1, "eval_interval": 1, "max_steps": 2}

    def training(at: At, rows: Any = small, **config: Any) -> Ended:
        return Ended(text_lora_run(rows, model, root, **config), at)

    rehearsal = training(at_stage("rehearse"), epochs=1000.0)
    rehearsal.spec = rehearsal.spec.model_copy(update={"followers": (planned_export("adapter"),)})
    # A pass of this many rows takes far longer than a signal does on a busy machine, too.
    tuning = training(at_loaded, longest, batch_size=240, epochs=50.0)
    tuning.spec = tuning.spec.model_copy(update={"resources": Resources(device="cpu")})
    proving = RunInputs(
        base_model=model,
        adapter=adapter,
        endpoint=EndpointInput(engine="llama_cpp", base_url=server, model="m", adapter_index=0),
    )
    runs = {
        "its first rows": training(at_stage("tokenize"), many),
        "the load of the base": training(at_stage("load"), epochs=1000.0),
        "the rehearsal of an export": rehearsal,
        "the choice of threads": tuning,
        "the first evaluation": training(at_log("trainable parameters"), long, **held),
        "a later evaluation": training(
            at_metric("train/loss", 1), long, **(held | {"eval_split": 0.1}), dropout=0.1
        ),
        "a merge": Ended(
            other_run(
                "export_gguf", root, RunInputs(base_model=model, adapter=adapter), target="merged",
                outtype="f16",
            ),
            at_stage("prepare"),
        ),
        "gates": Ended(other_run("deploy_llama_cpp", root, proving, quantisation="f16"), at_stage("gates")),
        "an import's hash": Ended(
            other_run(
                "import_base_model", root, RunInputs(),
                reference=f"path:{huge_model(base, root / 'huge')}",
            ),
            after_a_while,
        ),
    }  # fmt: skip
    runs["the first evaluation"].later_s = 0.3
    return runs


PLACES = (
    "its first rows", "the load of the base", "the rehearsal of an export", "the choice of threads",
    "the first evaluation", "a later evaluation", "a merge", "gates", "an import's hash",
)  # fmt: skip


async def end_all(runs: dict[str, Ended], data_dir: Path) -> None:
    nursery = Nursery(data_dir)
    try:
        for run in runs.values():
            await _end(run, nursery)
    finally:
        await nursery.close()


async def _end(run: Ended, nursery: Nursery) -> None:
    cancel, asked_at = asyncio.Event(), 0.0
    loop = asyncio.get_running_loop()

    def sink(event: Event) -> None:
        nonlocal asked_at
        if not asked_at and run.at(event):
            asked_at = time.monotonic() + run.later_s
            loop.call_later(run.later_s, cancel.set)

    run.outcome = await run_recipe(run.spec, sink, cancel=cancel, host=nursery.start)
    run.took_s = time.monotonic() - asked_at


@pytest.fixture(scope="module")
def ended(tiny_model_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Ended]:
    root = tmp_path_factory.mktemp("cancel")
    with silent_server() as server:
        runs = faults(tiny_model_dir, root, server)
        asyncio.run(end_all(runs, root))
    return runs


class TestAnywhere:
    @pytest.mark.parametrize("place", PLACES)
    def test_ends_by_itself_within_the_grace(self, ended: dict[str, Ended], place: str) -> None:
        run = ended[place]
        assert run.outcome.failure is None
        assert run.outcome.state is JobState.CANCELLED
        assert run.events[-1] == Finished(outcome="cancelled")  # and not by SIGKILL
        assert run.took_s < CANCEL_GRACE_S / 2

    @pytest.mark.parametrize("place", PLACES)
    def test_leaves_nothing_half_made(self, ended: dict[str, Ended], place: str) -> None:
        run = ended[place]
        names = {path.name for path in run_dir_of(run.spec).iterdir()}
        assert not [name for name in names if name.startswith(".")]
        assert not names & {"final_model"}
        assert run.outcome.artifacts == []

    @pytest.mark.parametrize(
        "place",
        ["its first rows", "the load of the base", "the rehearsal of an export", "the choice of threads"],
    )
    def test_before_the_first_step_there_is_nothing_to_resume(
        self, ended: dict[str, Ended], place: str
    ) -> None:
        assert ended[place].metrics == set()
        assert ended[place].outcome.checkpoints == []


class TestEvaluation:
    def test_that_was_cut_is_not_told(self, ended: dict[str, Ended]) -> None:
        run = ended["the first evaluation"]
        assert run.metrics == set()
        assert [c.step for c in run.outcome.checkpoints] == [0]

    def test_is_made_up_for_when_the_run_goes_on(self, ended: dict[str, Ended]) -> None:
        run = ended["a later evaluation"]
        assert [c.step for c in run.outcome.checkpoints] == [1]
        assert {step for name, step in run.metrics if name == "eval/loss"} == {0}
        resumed = going_on(run.spec)
        seen: list[tuple[str, int]] = []

        def sink(event: Event) -> None:
            if isinstance(event.body, MetricBatch):
                seen.extend((name, event.body.step) for name in event.body.values)

        assert run_here(resumed, sink).state is JobState.COMPLETED
        assert [step for name, step in seen if name == "eval/loss"] == [1, 2]
        assert [step for name, step in seen if name == "train/loss"] == [2]
