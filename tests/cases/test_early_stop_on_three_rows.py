"""Case 16: three rows, one of them held out, and runs of a step or two: the first step learns, and patience lasts."""

import json
from pathlib import Path
from typing import Any

import pytest
import torch
from peft import PeftModel
from pydantic import ValidationError
from safetensors.torch import load_file
from transformers import AutoModelForCausalLM

from llmlora.contracts.events import Event, LogBatch, MetricBatch
from llmlora.contracts.run import RunSpec
from llmlora.contracts.states import JobState
from llmlora.data.kinds.text.names import INSTRUCTION
from llmlora.data.rows import read_examples
from llmlora.engine.hosts.running import Outcome, run_dir_of
from llmlora.recipes import RECIPES
from llmlora.recipes.blocks.batches import split_rows
from llmlora.recipes.text_lora.spec import TextLoraConfig

from tests.factories import dataset_of, model_input, question, text_lora_run
from tests.here import run_here

CASE = Path(__file__).parent / "16-early-stop-on-three-rows"


class Run:
    """A training of one of the case's files on a tiny base, and what it said."""

    def __init__(self, file: str, base: Path, root: Path, **config: Any) -> None:
        lines = (CASE / file).read_text(encoding="utf-8").splitlines()
        rows = [json.loads(line) for line in lines]
        examples = [question(i, row["instruction"], row["output"]) for i, row in enumerate(rows, 1)]
        dataset = dataset_of(examples, root, INSTRUCTION)
        self.spec: RunSpec = text_lora_run(dataset, model_input(base), root, **config)
        self.curves: dict[str, dict[int, float]] = {}
        self.log: list[str] = []
        self.outcome: Outcome = run_here(self.spec, self._hear)

    def _hear(self, event: Event) -> None:
        if isinstance(event.body, MetricBatch):
            for name, value in event.body.values.items():
                self.curves.setdefault(name, {})[event.body.step] = value
        elif isinstance(event.body, LogBatch):
            self.log.append(event.body.message)

    @property
    def code(self) -> str | None:
        return self.outcome.failure.code if self.outcome.failure else None

    @property
    def adapter(self) -> Path:
        return run_dir_of(self.spec) / "final_model"

    @property
    def movement(self) -> float:
        """The largest number of the published B matrices, which begin at 0."""
        tensors = load_file(self.adapter / "adapter_model.safetensors")
        return max(float(t.abs().max()) for name, t in tensors.items() if "lora_B" in name)


def held_out_loss(run: Run, base: Path) -> float:
    """The mean loss of the published adapter on the row that was held out, by transformers alone."""
    from llmlora.data.mask import tokenize_example
    from llmlora.recipes.blocks.tokenizer import load_tokenizer

    dataset = run.spec.inputs.dataset()
    examples = list(read_examples(dataset.path))
    _, (held,) = split_rows(len(examples), 0.1, TextLoraConfig().seed)
    (row,) = tokenize_example(examples[held], load_tokenizer(base), loss_on="auto")
    ids, mask = (
        torch.tensor([list(row.ids)], dtype=torch.int64),
        torch.tensor([list(row.mask)], dtype=torch.bool),
    )
    model = PeftModel.from_pretrained(AutoModelForCausalLM.from_pretrained(base), str(run.adapter))
    with torch.no_grad():
        return float(model(input_ids=ids, labels=ids.masked_fill(~mask, -100)).loss)


@pytest.mark.slow
class TestThreeRows:
    def test_one_is_held_out_and_the_best_evaluation_is_published(
        self, tiny_model_dir: Path, tmp_path: Path
    ) -> None:
        run = Run(
            "three.jsonl", tiny_model_dir, tmp_path, eval_split=0.1, early_stopping_patience=1, eval_interval=1,
            batch_size=1, learning_rate=0.5, schedule="constant", epochs=50.0,
        )  # fmt: skip
        scores = run.curves["eval/loss"]
        last = max(scores)
        assert run.curves["train/epoch"][2] == 1.0  # two rows are trained
        assert sorted(scores) == list(range(last + 1))
        assert last < 100
        assert run.outcome.state is JobState.COMPLETED, run.outcome.failure
        assert run.log[-1].startswith(f"early stop at step {last}: ")
        assert min(scores, key=scores.__getitem__) > 0
        assert held_out_loss(run, tiny_model_dir) == pytest.approx(min(scores.values()), rel=1e-4)

    def test_patience_of_one_is_not_used_up_before_anything_was_learned(
        self, tiny_model_dir: Path, tmp_path: Path
    ) -> None:
        """With the default warm-up, of two steps here, and a rate at which this base gets better."""
        run = Run(
            "three.jsonl", tiny_model_dir, tmp_path, eval_split=0.3, early_stopping_patience=1, epochs=50.0,
            learning_rate=1e-3,
        )  # fmt: skip
        assert run.outcome.state is JobState.COMPLETED, run.outcome.failure
        assert run.curves["eval/loss"][1] < run.curves["eval/loss"][0]
        assert max(run.curves["eval/loss"]) > 1
        assert run.movement > 0

    def test_run_of_one_step_publishes_what_it_learned(self, tiny_model_dir: Path, tmp_path: Path) -> None:
        run = Run("three.jsonl", tiny_model_dir, tmp_path, epochs=1.0)
        assert run.outcome.state is JobState.COMPLETED, run.outcome.failure
        assert list(run.curves["train/loss"]) == [1]
        assert run.movement == pytest.approx(run.curves["train/learning_rate"][1], rel=1e-2)

    @pytest.mark.parametrize(
        ("more", "code"),
        [
            ({"learning_rate": 1e-60}, "adapter_unmoved"),
            ({"clip_norm": 1e-60, "weight_decay": 0.1}, "adapter_unmoved"),
            (
                {"learning_rate": 1.0, "eval_split": 0.3, "early_stopping_patience": 1, "eval_interval": 7},
                None,
            ),
            ({"dora": True}, None),
            ({"rslora": True, "target_modules": ["q_proj"]}, None),
        ],
        ids=[
            "rate that changes no number",
            "decay alone",
            "rate that ruins all",
            "weights in two parts",
            "one layer",
        ],
    )
    def test_no_run_publishes_an_adapter_that_does_nothing(
        self, tiny_model_dir: Path, tmp_path: Path, more: dict[str, Any], code: str | None
    ) -> None:
        run = Run("three.jsonl", tiny_model_dir, tmp_path, **({"epochs": 7.0} | more))
        if run.outcome.state is JobState.COMPLETED:
            assert run.movement > 0
        else:
            assert not run.adapter.exists()
            assert run.code in (code, "never_better", "loss_not_finite")
        assert code is None or run.code == code


class TestOneRow:
    @pytest.mark.slow
    def test_cannot_be_split(self, tiny_model_dir: Path, tmp_path: Path) -> None:
        run = Run("one.jsonl", tiny_model_dir, tmp_path, eval_split=0.1)
        assert run.code == "split_too_small"
        assert not run.adapter.exists()


def test_patience_without_an_evaluation_is_refused_when_asked_for() -> None:
    with pytest.raises(ValidationError) as refused:
        RECIPES["text_lora"].config.model_validate({"early_stopping_patience": 2, "eval_split": 0})
    assert "eval_split" in str(refused.value)
