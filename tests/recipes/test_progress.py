"""What recipes tell of how far they are: never back within a stage, never more than there is, whole when all is done."""

import asyncio
import math
import re
from itertools import groupby, pairwise
from pathlib import Path
from typing import Any

import pytest

from llmlora import recipes
from llmlora.contracts.events import Checkpoint, Event, Progress
from llmlora.contracts.run import FileInput, RunInputs, RunSpec
from llmlora.contracts.states import JobState
from llmlora.engine.hosts.running import run_dir_of, run_recipe
from llmlora.entry.progress_words import stage_titles
from llmlora.kit.files import sha256_of_tree
from llmlora.kit.ids import new_id

from tests.factories import dataset_of, level_1_examples, model_input, text_lora_run
from tests.here import run_here
from tests.plugins.hub import FakeHub
from tests.recipes.test_loop import Watched, learn

QUICK = {"rank": 4, "epochs": 2.0, "eval_split": 0.2, "batch_size": 2, "checkpoint_interval": 3}


def told_by(spec: RunSpec, state: JobState = JobState.COMPLETED) -> list[Progress]:
    events: list[Event] = []
    outcome = run_here(spec, events.append)
    assert outcome.state is state, outcome.failure
    return [event.body for event in events if isinstance(event.body, Progress)]


def stages_of(told: list[Progress]) -> list[str]:
    """The stages in their order, each once for every time that it begins."""
    return [stage for stage, _ in groupby(told, key=lambda one: one.stage)]


def refuse_dishonest(told: list[Progress]) -> None:
    assert told
    for stage, some in groupby(told, key=lambda one: one.stage):
        for one, following in pairwise(some):
            assert one.unit == following.unit, stage
            assert one.done * max(following.total, 1) <= following.done * max(one.total, 1), (one, following)
    for one in told:
        assert 0 <= one.done <= one.total, one
        assert one.total > 0, one
        assert one.eta_s is None or (math.isfinite(one.eta_s) and one.eta_s >= 0), one


def import_of(reference: Path | str, data_dir: Path) -> RunSpec:
    return RunSpec(
        job_id=new_id("job"),
        epoch=1,
        recipe="import_base_model",
        config={"reference": str(reference)},
        inputs=RunInputs(),
        data_dir=data_dir,
    )


def trained(base: Path, root: Path, **config: Any) -> RunSpec:
    examples = [e.model_copy(update={"row": i}) for i, e in enumerate(level_1_examples() * 2, 1)]
    return text_lora_run(dataset_of(examples, root), model_input(base), root, **(QUICK | config))


class TestTraining:
    def test_counts_each_stage_up_to_its_end(self, tiny_model_dir: Path, tmp_path: Path) -> None:
        told = told_by(trained(tiny_model_dir, tmp_path))
        refuse_dishonest(told)
        assert stages_of(told) == ["tokenize", "load", "train"]
        assert [one.done for one in told if one.stage == "train"] == list(range(9))
        assert (told[-1].done, told[-1].total) == (8, 8)

    def test_begins_where_a_checkpoint_stood(self, tiny_model_dir: Path, tmp_path: Path) -> None:
        spec = trained(tiny_model_dir, tmp_path)
        told_by(spec)
        kept = sorted(run_dir_of(spec).glob("checkpoints/*"))[0]
        told = told_by(spec.model_copy(update={"epoch": 2, "resume_from": kept}))
        refuse_dishonest(told)
        assert [one.done for one in told if one.stage == "train"] == [3, 4, 5, 6, 7, 8]

    def test_has_no_more_steps_than_it_took_before_it_stopped_early(self, tmp_path: Path) -> None:
        ctx, _, _ = learn(tmp_path, scores=lambda _w, step: [9.0, 5.0, 7.0, 8.0, 8.0, 8.0][step], patience=2, eval_interval=1)  # fmt: skip
        told = ctx.told(Progress)
        refuse_dishonest(told)
        assert (told[-2].done, told[-2].total) == (4, 6)
        assert (told[-1].done, told[-1].total) == (4, 4)

    def test_of_a_cancelled_run_is_no_more_than_what_was_saved(self, tmp_path: Path) -> None:
        ctx: Watched = learn(tmp_path, ends_at=9)[0]
        refuse_dishonest(ctx.told(Progress))
        assert ctx.told(Progress)[-1].done == ctx.told(Checkpoint)[-1].step < 6


class TestExport:
    @pytest.mark.parametrize(
        ("target", "outtype"), [("adapter", "f16"), pytest.param("merged", "q4_K_M", marks=pytest.mark.slow)]
    )
    def test_counts_each_stage_up_to_its_end(
        self, tiny_model_dir: Path, tmp_path: Path, target: str, outtype: str
    ) -> None:
        spec = trained(tiny_model_dir, tmp_path, epochs=1.0)
        told_by(spec)
        adapter = run_dir_of(spec) / "final_model"
        told = told_by(
            RunSpec(
                job_id=new_id("job"),
                epoch=1,
                recipe="export_gguf",
                config={"target": target, "outtype": outtype},
                inputs=RunInputs(
                    base_model=spec.inputs.base_model(),
                    adapter=FileInput(path=adapter, sha256=sha256_of_tree(adapter)),
                ),
                data_dir=tmp_path,
            )
        )
        refuse_dishonest(told)
        assert (told[-1].done, told[-1].total) == (3, 3)


class TestImport:
    def test_of_a_directory_counts_up_to_its_end(self, tiny_model_dir: Path, tmp_path: Path) -> None:
        told = told_by(import_of(f"path:{tiny_model_dir}", tmp_path))
        refuse_dishonest(told)
        assert stages_of(told) == ["inspect", "describe"]

    def test_of_a_gguf_counts_up_to_its_end_the_second_time_too(
        self, tiny_gguf: Path, tmp_path: Path
    ) -> None:
        spec = import_of(f"path:{tiny_gguf}", tmp_path)
        first = told_by(spec)
        again = told_by(spec.model_copy(update={"job_id": new_id("job")}))
        for told in (first, again):
            refuse_dishonest(told)
        assert stages_of(first) == ["hash", "convert", "hash", "inspect", "describe"]
        assert stages_of(again) == ["hash", "check", "inspect", "describe"]

    @pytest.mark.long
    def test_of_a_repository_counts_up_to_its_end(
        self, hub: FakeHub, tiny_model_dir: Path, tmp_path: Path
    ) -> None:
        hub.serve("owner/tiny", tiny_model_dir)
        events: list[Event] = []
        asyncio.run(run_recipe(import_of("hf:owner/tiny", tmp_path), events.append, extra_env=hub.env))
        told = [event.body for event in events if isinstance(event.body, Progress)]
        refuse_dishonest(told)
        assert stages_of(told) == ["download", "hash", "inspect", "describe"]


class TestWords:
    def test_every_stage_is_declared_with_its_words_and_told_in_the_terminal(self) -> None:
        source = "".join(path.read_text() for path in Path(recipes.__file__).parent.rglob("*.py"))
        named = set(re.findall(r'Progress\(\s*stage="(\w+)"', source))
        named |= set(re.findall(r'(?:_progress|byte_counter)\(ctx, "(\w+)"', source))
        assert {"tokenize", "train", "quantise", "inspect", "gates", "publish", "layer"} - named == {"layer"}
        assert named <= set(stage_titles())
        assert named <= {stage.name for spec in recipes.RECIPES.values() for stage in spec.stages}
