"""A classifier is learned, judged on rows that it has not seen, saved whole, and refused where what is saved is another."""

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file, save_file
from torch import Tensor

from llmlora.contracts.evaluation import Evaluation, read_evaluation
from llmlora.contracts.events import ArtifactKind, Event, EventBody, LogBatch, MetricBatch, Report
from llmlora.contracts.forecast import Facts, Lengths, Machine
from llmlora.contracts.prediction import Head, HeldItems
from llmlora.contracts.run import RunCancelledError, RunInputs, RunSpec
from llmlora.contracts.states import JobState
from llmlora.data.kinds.text_classify.examples import LabelledExample
from llmlora.data.kinds.text_classify.names import CLASSIFY
from llmlora.engine.hosts.running import Outcome, run_dir_of
from llmlora.kit.machine import Memory
from llmlora.recipes.blocks.bundled_models import MINILM
from llmlora.recipes.blocks.completeness import (
    LabelOrderError,
    ModelIncompleteError,
    ReloadedDiffersError,
    digests_of,
    moved_since,
    refuse_incomplete,
    refuse_other_answers,
)
from llmlora.recipes.blocks.encoder import load_headed, load_vocabulary, logits_of
from llmlora.recipes.context import ChildContext
from llmlora.recipes.text_classification.forecast import FORECAST
from llmlora.recipes.text_classification.rows import read_rows
from llmlora.recipes.text_classification.run import run
from llmlora.recipes.text_classification.spec import TextClassificationConfig

from tests.factories import dataset_of, model_input, training_run
from tests.here import run_here

CLASSES = {
    "delivery": "when late order",
    "praise": "good thanks",
    "quality": "bad broken",
    "refund": "refund how",
}


def examples_of(each: int, classes: Sequence[str] = tuple(CLASSES)) -> list[LabelledExample]:
    """Rows whose words tell their class."""
    rows = [(label, number) for number in range(each) for label in classes]
    return [
        LabelledExample(row=at, text=f"{CLASSES[label]} {'abcdefgh'[number % 8]} {number}", labels=(label,))
        for at, (label, number) in enumerate(rows, 1)
    ]


def run_of(
    examples: Sequence[LabelledExample], encoder: Path, tmp_path: Path, **config: Any
) -> tuple[RunSpec, Outcome, list[dict[str, float]]]:
    dataset = dataset_of(examples, tmp_path, CLASSIFY)
    spec = training_run("text_classification", dataset, model_input(encoder), tmp_path, **config)
    steps: list[dict[str, float]] = []

    def sink(event: Event) -> None:
        if isinstance(event.body, MetricBatch):
            steps.append({"step": event.body.step, **event.body.values})

    return spec, run_here(spec, sink), steps


class Counting(ChildContext):
    """A context whose run is asked to end once it has taken so many steps: before anything is published."""

    def __init__(self, spec: RunSpec, steps: int) -> None:
        run_dir_of(spec).mkdir(parents=True)
        super().__init__(spec, run_dir_of(spec), -1)
        self.steps, self.losses, self.told = steps, list[float](), list[EventBody]()

    def emit(self, body: EventBody) -> None:
        self.told.append(body)
        if isinstance(body, MetricBatch) and "train/loss" in body.values:
            self.losses.append(body.values["train/loss"])

    @property
    def cancelled(self) -> bool:
        return 0 < self.steps <= len(self.losses)


def losses_of(
    examples: Sequence[LabelledExample], encoder: Path, tmp_path: Path, steps: int, **config: Any
) -> list[float]:
    """The losses of the first steps."""
    dataset = dataset_of(examples, tmp_path, CLASSIFY)
    spec = training_run("text_classification", dataset, model_input(encoder), tmp_path, **config)
    ctx = Counting(spec, steps)
    with pytest.raises(RunCancelledError):
        run(TextClassificationConfig.model_validate(spec.config), ctx)
    return ctx.losses


def placed(spec: RunSpec, outcome: Outcome, kind: ArtifactKind) -> Path:
    [found] = [one for one in outcome.artifacts if one.kind is kind]
    return spec.data_dir / "jobs" / spec.job_id / str(spec.epoch) / found.path


@pytest.fixture(scope="module")
def learned(
    tiny_encoder_dir: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[RunSpec, Outcome, list[dict[str, float]]]:
    """Forty rows of four classes, learned with LoRA until they are known."""
    settings = {"learning_rate": 0.01, "epochs": 12, "batch_size": 8, "early_stopping_patience": None}
    return run_of(
        examples_of(10), tiny_encoder_dir, tmp_path_factory.mktemp("classifier"), precision="fp32", **settings
    )


@pytest.mark.slow
class TestLearned:
    def test_classes_are_told_apart_and_the_baseline_stands_beside(
        self, learned: tuple[RunSpec, Outcome, list[dict[str, float]]]
    ) -> None:
        _, outcome, _ = learned
        assert outcome.state is JobState.COMPLETED, outcome.failure
        found = Evaluation.model_validate(outcome.reports["evaluation"])
        accuracy = found.figures[0]
        assert (accuracy.name, accuracy.n, found.rows) == ("accuracy", 8, 8)
        assert accuracy.value > 0.8
        assert found.baseline is not None
        assert found.baseline.figures[0].value == 0.25
        assert accuracy.low is not None
        assert accuracy.low <= accuracy.value
        assert found.confusion is not None
        assert [sum(row) for row in found.confusion.counts] == [2, 2, 2, 2]
        assert found.labels == ("delivery", "praise", "quality", "refund")
        assert [one.support for one in found.classes] == [2, 2, 2, 2]

    def test_whole_evaluation_is_a_file_and_its_report_has_no_rows(
        self, learned: tuple[RunSpec, Outcome, list[dict[str, float]]]
    ) -> None:
        spec, outcome, _ = learned
        whole = read_evaluation(placed(spec, outcome, ArtifactKind.REPORT))
        assert len(whole.outcomes) == 8
        assert outcome.reports["evaluation"] == whole.report()
        assert "outcomes" not in outcome.reports["evaluation"]

    def test_directory_says_what_its_outputs_mean_and_what_proves_a_copy(
        self, learned: tuple[RunSpec, Outcome, list[dict[str, float]]]
    ) -> None:
        spec, outcome, _ = learned
        directory = placed(spec, outcome, ArtifactKind.MODEL)
        head = Head.model_validate_json((directory / "head.json").read_bytes())
        assert (head.task, head.labels) == ("single_label", ("delivery", "praise", "quality", "refund"))
        held = HeldItems.model_validate_json((directory / "held_items.json").read_bytes())
        config = json.loads((directory / "config.json").read_bytes())
        assert [config["id2label"][str(at)] for at in range(4)] == list(head.labels)
        trained = set(range(1, 41)) - {one.row for one in read_evaluation(
            placed(spec, outcome, ArtifactKind.REPORT)
        ).outcomes}  # fmt: skip
        texts = [one.text for one in examples_of(10) if one.row in trained]
        assert held.items[0].text not in texts
        adapter = load_file(directory / "adapter" / "adapter_model.safetensors")
        assert any("classifier" in name for name in adapter)

    def test_rows_are_counted(self, learned: tuple[RunSpec, Outcome, list[dict[str, float]]]) -> None:
        _, outcome, steps = learned
        assert outcome.reports["ledger"]["rows_kept"] == 40
        assert outcome.reports["classes"]["class_count"] == 4
        assert any("eval/macro_f1" in one for one in steps)


class TestCompleteness:
    @pytest.fixture
    def saved(self, tiny_encoder_dir: Path, tmp_path: Path) -> tuple[Any, Any, Path, list[str], Tensor]:
        """A model whose head and one layer have moved, saved; what it answers."""
        tokenizer, _ = load_vocabulary(tiny_encoder_dir, example="")
        model = load_headed(tiny_encoder_dir, ("a", "b", "c"), several=False).model.eval()
        before = digests_of(model)
        with torch.no_grad():
            model.classifier.weight.add_(1.0)
            model.bert.encoder.layer[1].output.dense.bias.add_(0.1)
        moved = moved_since(before, model)
        assert moved == ["bert.encoder.layer.1.output.dense.bias", "classifier.weight"]
        directory = tmp_path / "saved"
        model.save_pretrained(directory)
        tokenizer.save_pretrained(directory)
        return model, tokenizer, directory, moved, logits_of(model, tokenizer, ["good", "late bad"], 16)

    def proved(self, saved: tuple[Any, Any, Path, list[str], Tensor], tmp_path: Path) -> float:
        _, _, directory, _, logits = saved
        spec = RunSpec(job_id="job_1", epoch=1, recipe="x", config={}, inputs=RunInputs(), data_dir=tmp_path)
        ctx = ChildContext(spec, tmp_path, -1)
        return refuse_other_answers(directory, ["good", "late bad"], logits, ("a", "b", "c"), 16, ctx)

    def test_lost_tensor_is_refused(self, saved: tuple[Any, Any, Path, list[str], Tensor]) -> None:
        model, _, directory, moved, _ = saved
        refuse_incomplete(model, moved, directory)
        tensors = load_file(directory / "model.safetensors")
        del tensors["classifier.weight"]
        save_file(tensors, directory / "model.safetensors", metadata={"format": "pt"})
        with pytest.raises(ModelIncompleteError, match=r"classifier\.weight"):
            refuse_incomplete(model, moved, directory)

    @pytest.mark.slow
    def test_new_process_tells_a_lost_head_and_another_order(
        self, saved: tuple[Any, Any, Path, list[str], Tensor], tmp_path: Path
    ) -> None:
        directory = saved[2]
        assert self.proved(saved, tmp_path) < 1e-4
        config = json.loads((directory / "config.json").read_bytes())
        swapped = {**config, "id2label": {"0": "b", "1": "a", "2": "c"}, "label2id": {"b": 0, "a": 1, "c": 2}}
        (directory / "config.json").write_text(json.dumps(swapped))
        with pytest.raises(LabelOrderError, match="Output 1 of the saved model is named “b”"):
            self.proved(saved, tmp_path)
        (directory / "config.json").write_text(json.dumps(config))
        tensors = load_file(directory / "model.safetensors")
        tensors["classifier.weight"] = torch.zeros_like(tensors["classifier.weight"])
        save_file(tensors, directory / "model.safetensors", metadata={"format": "pt"})
        with pytest.raises(ReloadedDiffersError, match="Its head may not have been saved"):
            self.proved(saved, tmp_path)


class TestLoss:
    @pytest.mark.parametrize("several", [False, True])
    def test_each_step_is_that_of_transformers_trainer(
        self, tiny_encoder_dir: Path, tmp_path: Path, several: bool
    ) -> None:
        examples = examples_of(6)
        if several:
            examples = [
                one.model_copy(update={"labels": (*one.labels, "praise")})
                if one.labels != ("praise",)
                else one
                for one in examples
            ]
        plain = _without_dropout(tiny_encoder_dir, tmp_path)
        config = {
            "method": "full", "learning_rate": 1e-3, "schedule": "constant", "warmup_ratio": 0.0, "max_steps": 7,
            "batch_size": 4, "weight_decay": 0.0, "test_split": 0, "eval_split": 0, "precision": "fp32",
            "early_stopping_patience": None, "seed": 7,
        }  # fmt: skip
        ours = losses_of(examples, plain, tmp_path, 6, **config)
        theirs = _losses_of_trainer(examples, plain, tmp_path, several=several)
        assert ours == pytest.approx(theirs, abs=1e-4)


class TestSettings:
    def test_weights_of_classes_count(self, tiny_encoder_dir: Path, tmp_path: Path) -> None:
        examples = [*examples_of(12, ["praise"]), *examples_of(3, ["refund"])]
        examples = [one.model_copy(update={"row": at}) for at, one in enumerate(examples, 1)]
        plain = _without_dropout(tiny_encoder_dir, tmp_path)
        settings: dict[str, Any] = {
            "max_steps": 2, "batch_size": 64, "test_split": 0, "eval_split": 0, "early_stopping_patience": None,
        }  # fmt: skip
        losses = [
            losses_of(examples, plain, tmp_path, 1, class_weights=weights, **settings)
            for weights in ("none", "balanced")
        ]
        assert abs(losses[0][0] - losses[1][0]) > 1e-3

    def test_data_that_teaches_nothing_is_refused_in_words(
        self, tiny_encoder_dir: Path, tmp_path: Path
    ) -> None:
        _, outcome, _ = run_of(examples_of(8, ["praise"]), tiny_encoder_dir, tmp_path)
        assert outcome.failure is not None
        assert outcome.failure.code == "too_few_classes"

    def test_language_model_is_refused_in_words(self, tiny_model_dir: Path, tmp_path: Path) -> None:
        _, outcome, _ = run_of(examples_of(8), tiny_model_dir, tmp_path)
        assert outcome.failure is not None
        assert outcome.failure.code == "base_model_no_encoder"

    def test_contradictions_and_lonely_classes_are_told(self, tiny_encoder_dir: Path, tmp_path: Path) -> None:
        examples = examples_of(5)
        twisted = examples[0].model_copy(update={"row": 21, "labels": ("refund",)})
        alone = examples[0].model_copy(update={"row": 22, "text": "thanks", "labels": ("greeting",)})
        dataset = dataset_of([*examples, twisted, alone], tmp_path, CLASSIFY)
        spec = training_run("text_classification", dataset, model_input(tiny_encoder_dir), tmp_path)
        ctx = Counting(spec, 0)
        tokenizer, _ = load_vocabulary(tiny_encoder_dir, example="")
        rows = read_rows(TextClassificationConfig(), dataset, tokenizer, 16, ctx)
        [report] = [one for one in ctx.told if isinstance(one, Report) and one.name == "classes"]
        assert report.body["contradictions"] == [[1, 21]]
        warned = [one.message for one in ctx.told if isinstance(one, LogBatch)]
        assert any("1–21" in one for one in warned)
        assert any("greeting" in one for one in warned)
        assert 21 in rows.train

    def test_each_class_has_its_share_of_every_part(self, tiny_encoder_dir: Path, tmp_path: Path) -> None:
        dataset = dataset_of(examples_of(20), tmp_path, CLASSIFY)
        spec = training_run("text_classification", dataset, model_input(tiny_encoder_dir), tmp_path)
        tokenizer, _ = load_vocabulary(tiny_encoder_dir, example="")
        rows = read_rows(TextClassificationConfig(), dataset, tokenizer, 16, Counting(spec, 0))
        counts = [
            rows.marks[list(part)].sum(axis=0).tolist() for part in (rows.train, rows.held_out, rows.test)
        ]
        assert counts == [[14] * 4, [2] * 4, [4] * 4]
        assert sorted((*rows.train, *rows.held_out, *rows.test)) == list(range(80))


def _without_dropout(encoder: Path, tmp_path: Path) -> Path:
    """The same model, whose steps depend on no random number."""
    import shutil

    directory = tmp_path / "plain"
    if not directory.exists():
        shutil.copytree(encoder, directory)
        config = json.loads((directory / "config.json").read_bytes())
        config |= {"hidden_dropout_prob": 0.0, "attention_probs_dropout_prob": 0.0}
        (directory / "config.json").write_text(json.dumps(config))
    return directory


def _losses_of_trainer(
    examples: Sequence[LabelledExample], encoder: Path, tmp_path: Path, *, several: bool
) -> list[float]:
    """The losses that `transformers.Trainer` logs of the same rows in the same order, from the same head."""
    from torch.utils.data import SequentialSampler
    from transformers import DataCollatorWithPadding, Trainer, TrainingArguments

    from llmlora.data.class_names import class_names
    from llmlora.recipes.blocks.batches import plan_batches

    labels = class_names(label for one in examples for label in one.labels)
    torch.manual_seed(7)
    model = load_headed(encoder, labels, several=several).model
    tokenizer, _ = load_vocabulary(encoder, example="")
    plan = plan_batches(
        list(range(len(examples))),
        [1] * len(examples),
        batch_size=4,
        gradient_accumulation=1,
        pack_to=None,
        seed=7,
    )
    order = [row for step in range(6) for batch in plan.batches_of(step) for row in batch]

    def row_of(one: LabelledExample) -> dict[str, Any]:
        marks = [float(label in one.labels) for label in labels]
        target = marks if several else labels.index(one.labels[0])
        ids = tokenizer(one.text, truncation=True, max_length=64)["input_ids"]
        return {"input_ids": ids, "labels": target}

    class InOrder(Trainer):
        def _get_train_sampler(self, *_: Any) -> Any:
            return SequentialSampler(self.train_dataset)

    arguments = TrainingArguments(
        output_dir=str(tmp_path / "trainer"), learning_rate=1e-3, lr_scheduler_type="constant", warmup_steps=0,
        max_steps=6, per_device_train_batch_size=4, weight_decay=0.0, max_grad_norm=1.0, logging_steps=1,
        report_to=[], save_strategy="no", use_cpu=True, disable_tqdm=True, seed=7,
    )  # fmt: skip
    trainer = InOrder(
        model=model,
        args=arguments,
        train_dataset=[row_of(examples[row]) for row in order],
        data_collator=DataCollatorWithPadding(tokenizer),
    )
    trainer.train()
    return [float(one["loss"]) for one in trainer.state.log_history if "loss" in one]


class TestForecast:
    @pytest.mark.parametrize("method", ["lora", "full"])
    def test_tells_memory_time_and_disk_of_the_bundled_encoder(self, method: Any) -> None:
        found = FORECAST.expect(facts_for(TextClassificationConfig(method=method)))
        assert found.memory is not None
        assert found.disk is not None
        assert found.memory.peak_bytes == sum(part.size_bytes for part in found.memory.parts)
        assert found.memory.peak_bytes > 4 * MINILM.known.architecture.parameters
        assert found.time.steps == 10 * 44  # 700 of 1,000 rows, sixteen at a time
        assert found.time.seconds is not None
        by_name = {part.name: part.size_bytes for part in found.memory.parts}
        if method == "full":
            assert by_name["optimizer"] == 8 * MINILM.known.architecture.parameters

    def test_of_an_unknown_model_nothing_is_said(self) -> None:
        found = FORECAST.expect(replace(facts_for(TextClassificationConfig()), architecture=None))
        assert (found.memory, found.disk, found.time.seconds) == (None, None, None)


def facts_for(config: TextClassificationConfig) -> Facts:
    """Of a thousand rows of twelve tokens, on a machine of ours."""
    memory = Memory(total_bytes=8 << 30, available_bytes=4 << 30)
    return Facts(
        config=config,
        device="cpu",
        machine=Machine(memory, (), False, lambda: 50e9),
        base_model=MINILM.reference,
        is_registered=True,
        architecture=MINILM.known.architecture,
        tokenizer_bytes=MINILM.known.tokenizer_bytes,
        size_bytes=MINILM.known.size_bytes,
        lengths_of=lambda _longest: Lengths("estimated", 1000, 12_000, 1000, 24, [(24, 1000)]),
        past=(),
    )
