"""The training core against the field's reference, and the outputs users rely on."""

import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import torch
from peft import LoraConfig, PeftModel, get_peft_model
from transformers import (
    AutoModelForCausalLM,
    AutoTokenizer,
    GptOssConfig,
    GptOssForCausalLM,
    Trainer,
    TrainingArguments,
)
from transformers import set_seed as seed_everything

from llmlora.contracts.events import Event, LogBatch, MetricBatch
from llmlora.contracts.run import Resources, RunSpec
from llmlora.contracts.states import JobState
from llmlora.data.kinds.text.examples import PreferenceExample
from llmlora.data.kinds.text.ledger import build_ledger
from llmlora.data.kinds.text.names import PREFERENCE
from llmlora.engine.hosts.running import Outcome, run_dir_of
from llmlora.kit.ids import new_id
from llmlora.recipes.blocks.batches import plan_batches
from llmlora.recipes.blocks.tokenizer import load_tokenizer

from tests.factories import chat, dataset_of, level_1_examples, model_input, text_lora_run
from tests.here import run_here

CHATS = [
    chat(
        i,
        ("user", f"質問{i}: {'何' * (i % 7 + 1)}ですか？"),
        ("assistant", f"答え{i}は{i * i}です。" * (i % 3 + 1)),
    )
    for i in range(1, 65)
]


def run_and_watch(spec: RunSpec) -> tuple[Outcome, list[dict[str, float]]]:
    """The outcome and every metric batch with its step."""
    metrics: list[dict[str, float]] = []

    def sink(event: Event) -> None:
        if isinstance(event.body, MetricBatch):
            metrics.append({"step": event.body.step, **event.body.values})

    return run_here(spec, sink), metrics


class InOrder(Trainer):
    """The reference trainer, fed rows in the order it is given."""

    def _get_train_sampler(self, *_args: Any) -> Any:
        return torch.utils.data.SequentialSampler(self.train_dataset)


def reference_losses(model_dir: Path, start: Path, tmp_path: Path, config: dict[str, Any]) -> list[float]:
    """Per-step losses of transformers' Trainer with PEFT on CHATS, padded, from the adapter at `start`."""
    tokenizer = load_tokenizer(model_dir)
    table, _ = build_ledger(CHATS, tokenizer, max_length=512, loss_on="auto", directory=tmp_path / "tokens")
    plan = plan_batches(
        range(len(table)),
        table.lengths.tolist(),
        batch_size=config["batch_size"],
        gradient_accumulation=config["gradient_accumulation"],
        pack_to=None,
        seed=config["seed"],
    )
    order = [row for step in range(plan.steps_per_epoch) for batch in plan.batches_of(step) for row in batch]
    rows = [
        {
            "input_ids": table.ids(i).tolist(),
            "labels": [int(t) if on else -100 for t, on in zip(table.ids(i), table.mask(i), strict=True)],
        }
        for i in order
    ]

    def collate(batch: list[dict[str, list[int]]]) -> dict[str, torch.Tensor]:
        longest = max(len(r["input_ids"]) for r in batch)

        def padded(key: str, fill: int) -> torch.Tensor:
            return torch.tensor([r[key] + [fill] * (longest - len(r[key])) for r in batch])

        attention = torch.tensor([[1] * len(r["labels"]) + [0] * (longest - len(r["labels"])) for r in batch])
        return {
            "input_ids": padded("input_ids", 0),
            "labels": padded("labels", -100),
            "attention_mask": attention,
        }

    base = AutoModelForCausalLM.from_pretrained(model_dir, dtype=torch.float32)
    model = PeftModel.from_pretrained(base, str(start), is_trainable=True)
    arguments = TrainingArguments(
        output_dir=str(tmp_path / "trainer"),
        per_device_train_batch_size=config["batch_size"],
        gradient_accumulation_steps=config["gradient_accumulation"],
        num_train_epochs=1,
        learning_rate=config["learning_rate"],
        lr_scheduler_type=config["schedule"],
        warmup_steps=0,
        weight_decay=0.0,
        max_grad_norm=1.0,
        optim="adamw_torch",
        logging_steps=1,
        report_to=[],
        save_strategy="no",
        use_cpu=True,
        disable_tqdm=True,
        remove_unused_columns=False,
    )
    trainer = InOrder(model=model, args=arguments, train_dataset=rows, data_collator=collate)
    trainer.train()
    return [entry["loss"] for entry in trainer.state.log_history if "loss" in entry]


class TestAgainstTrainer:
    @pytest.mark.slow
    @pytest.mark.parametrize("schedule", ["cosine", "linear"])
    def test_every_step_has_the_reference_loss(
        self, tiny_model_dir: Path, tmp_path: Path, schedule: str
    ) -> None:
        config = {
            "batch_size": 4,
            "gradient_accumulation": 2,
            "learning_rate": 1e-2,
            "schedule": schedule,
            "seed": 7,
        }
        base = model_input(tiny_model_dir)
        spec = text_lora_run(
            dataset_of(CHATS, tmp_path),
            base,
            tmp_path,
            **config,
            rank=4,
            epochs=1.0,
            warmup_ratio=0.0,
            max_length=512,
            precision="fp32",
        )
        outcome, metrics = run_and_watch(spec)
        assert outcome.state is JobState.COMPLETED
        ours = [m["train/loss"] for m in metrics if "train/loss" in m]
        start = self.fresh_adapter(tiny_model_dir, tmp_path / "start", run_dir_of(spec), seed=7)
        theirs = reference_losses(tiny_model_dir, start, tmp_path, config)
        assert len(ours) == len(theirs) == 8
        assert ours == pytest.approx(theirs, rel=1e-4)
        assert ours[-1] < ours[0]

    def fresh_adapter(self, model_dir: Path, target: Path, run_dir: Path, seed: int) -> Path:
        """The untrained adapter our run began with: same seed, same PEFT config."""
        trained = json.loads((run_dir / "final_model" / "adapter_config.json").read_text())
        base = AutoModelForCausalLM.from_pretrained(model_dir, dtype=torch.float32)
        seed_everything(seed)
        config = LoraConfig(
            task_type="CAUSAL_LM",
            r=trained["r"],
            lora_alpha=trained["lora_alpha"],
            lora_dropout=0.0,
            target_modules=sorted(trained["target_modules"]),
        )
        get_peft_model(base, config).save_pretrained(str(target))
        return target


def said(spec: RunSpec, words: str) -> bool:
    """Whether a run that completed had them in a line of its log."""
    lines: list[str] = []

    def sink(event: Event) -> None:
        if isinstance(event.body, LogBatch):
            lines.append(event.body.message)

    assert run_here(spec, sink).state is JobState.COMPLETED
    return any(words in line for line in lines)


class TestAttention:
    @pytest.mark.slow
    def test_run_says_that_a_family_keeps_its_own(self, tiny_model_dir: Path, tmp_path: Path) -> None:
        directory = tmp_path / "sinks"
        shutil.copytree(tiny_model_dir, directory)
        described = json.loads((directory / "config.json").read_bytes())
        config = GptOssConfig(
            vocab_size=described["vocab_size"],
            hidden_size=32,
            intermediate_size=32,
            num_hidden_layers=2,
            num_attention_heads=4,
            num_key_value_heads=2,
            head_dim=8,
            num_local_experts=2,
            num_experts_per_tok=1,
            max_position_embeddings=2048,
            **{name: described[name] for name in ("bos_token_id", "eos_token_id", "pad_token_id")},
        )
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(0)
            GptOssForCausalLM(config).save_pretrained(directory)
        spec = text_lora_run(dataset_of(CHATS[:8], tmp_path), model_input(directory), tmp_path, max_steps=1)
        assert said(spec, "every row gets a pass of its own")


@pytest.fixture
def every_core() -> Iterator[None]:
    """There is nothing to tune on the one core that a worker of the tests keeps to."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, range(os.cpu_count() or 1))
    yield
    os.sched_setaffinity(0, before)


class TestThreads:
    @pytest.mark.slow
    @pytest.mark.usefixtures("every_core")
    def test_tuning_them_changes_no_dropout(self, tiny_model_dir: Path, tmp_path: Path) -> None:
        dataset, base = dataset_of(CHATS, tmp_path), model_input(tiny_model_dir)
        given = text_lora_run(dataset, base, tmp_path, max_steps=2, dropout=0.5)
        tuned = given.model_copy(update={"job_id": new_id("job"), "resources": Resources(device="cpu")})
        one, other = ([m["train/loss"] for m in run_and_watch(spec)[1]] for spec in (given, tuned))
        assert len(one) == 2
        assert other == pytest.approx(one, rel=1e-5)

    @pytest.mark.slow
    def test_resumed_run_keeps_its_own_and_a_new_one_stays_within_its_grant(
        self, tiny_model_dir: Path, tmp_path: Path
    ) -> None:
        dataset, base = dataset_of(CHATS[:8], tmp_path), model_input(tiny_model_dir)
        first = text_lora_run(dataset, base, tmp_path, max_steps=2, checkpoint_interval=1)
        granted = Resources(device="cpu", cores=1)
        assert said(first.model_copy(update={"resources": granted}), "1 threads")
        asked = first.model_copy(
            update={"job_id": new_id("job"), "resources": Resources(device="cpu", threads=2, cores=2)}
        )
        assert said(asked, "2 threads")
        checkpoint = sorted((run_dir_of(asked) / "checkpoints").iterdir())[0]
        again = {"epoch": 2, "resume_from": checkpoint, "resources": granted}
        assert said(asked.model_copy(update=again), "2 threads")


class TestPacking:
    @pytest.mark.slow
    def test_packed_epoch_takes_fewer_steps_and_still_learns(
        self, tiny_model_dir: Path, tmp_path: Path
    ) -> None:
        dataset, base = dataset_of(CHATS, tmp_path), model_input(tiny_model_dir)
        common = {"epochs": 3.0, "batch_size": 2, "learning_rate": 1e-2, "max_length": 512}
        _, loose = run_and_watch(text_lora_run(dataset, base, tmp_path, **common))
        _, packed = run_and_watch(text_lora_run(dataset, base, tmp_path, **common, packing=True))
        assert len(packed) < len(loose) / 3
        assert packed[-1]["train/supervised_tokens"] == loose[-1]["train/supervised_tokens"]
        assert packed[-1]["train/loss"] < packed[0]["train/loss"]


@pytest.mark.slow
class TestOutputs:
    @pytest.fixture(scope="class")
    def finished(self, tiny_model_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> RunSpec:
        root = tmp_path_factory.mktemp("outputs")
        spec = text_lora_run(
            dataset_of(level_1_examples(), root), model_input(tiny_model_dir), root, epochs=2.0, batch_size=2
        )
        assert run_and_watch(spec)[0].state is JobState.COMPLETED
        return spec

    def test_layout_is_the_one_users_know(self, finished: RunSpec) -> None:
        names = {p.name for p in (run_dir_of(finished) / "final_model").iterdir()}
        assert names >= {
            "adapter_model.safetensors",
            "adapter_config.json",
            "tokenizer.json",
            "tokenizer_config.json",
            "training_args.json",
            "README.md",
        }

    def test_plain_peft_opens_the_adapter(self, finished: RunSpec, tiny_model_dir: Path) -> None:
        base = AutoModelForCausalLM.from_pretrained(tiny_model_dir)
        final = run_dir_of(finished) / "final_model"
        model = PeftModel.from_pretrained(base, str(final))
        tokenizer = AutoTokenizer.from_pretrained(final)
        assert tokenizer.eos_token == "<|im_end|>"
        ids = torch.tensor([tokenizer("日本")["input_ids"]])
        with torch.no_grad(), model.disable_adapter():
            before = model(ids).logits
        with torch.no_grad():
            assert not torch.allclose(model(ids).logits, before)

    def test_arguments_name_base_and_data_by_hash(self, finished: RunSpec) -> None:
        path = run_dir_of(finished) / "final_model" / "training_args.json"
        arguments = json.loads(path.read_text(encoding="utf-8"))
        assert arguments["base_weights_digest"] == finished.inputs.base_model().weights_digest
        assert arguments["dataset_sha256"] == finished.inputs.dataset().sha256
        assert arguments["ledger"]["rows_kept"] == 5

    def test_adapter_holds_no_copy_of_the_embeddings(self, finished: RunSpec) -> None:
        from safetensors import safe_open

        path = run_dir_of(finished) / "final_model" / "adapter_model.safetensors"
        with safe_open(path, "pt") as tensors:
            assert all("lora_" in name for name in tensors.keys())  # noqa: SIM118


class TestSettings:
    @pytest.mark.slow
    @pytest.mark.parametrize(
        "more",
        [
            {"dora": True},
            {"rslora": True, "rank": 16},
            {"target_modules": ["q_proj", "v_proj"]},
            {"gradient_checkpointing": "on"},
            {"precision": "bf16"},
            {"max_steps": 3, "schedule": "constant", "warmup_ratio": 0.5},
        ],
        ids=lambda m: next(iter(m)),
    )
    def test_option_trains(self, tiny_model_dir: Path, tmp_path: Path, more: dict[str, Any]) -> None:
        spec = text_lora_run(
            dataset_of(level_1_examples(), tmp_path),
            model_input(tiny_model_dir),
            tmp_path,
            **({"learning_rate": 1e-2, "epochs": 6.0} | more),
        )
        outcome, metrics = run_and_watch(spec)
        assert outcome.state is JobState.COMPLETED, outcome.failure
        losses = [m["train/loss"] for m in metrics if "train/loss" in m]
        assert losses[-1] < losses[0] or "max_steps" in more

    @pytest.mark.slow
    def test_early_stopping_keeps_the_best_weights(self, tiny_model_dir: Path, tmp_path: Path) -> None:
        examples = [e.model_copy(update={"row": i}) for i, e in enumerate(CHATS[:20], 1)]
        spec = text_lora_run(
            dataset_of(examples, tmp_path),
            model_input(tiny_model_dir),
            tmp_path,
            learning_rate=0.5,
            schedule="constant",
            epochs=50.0,
            eval_split=0.2,
            eval_interval=1,
            early_stopping_patience=2,
        )
        outcome, metrics = run_and_watch(spec)
        assert outcome.state is JobState.COMPLETED, outcome.failure
        assert max(m["step"] for m in metrics) < 200

    @pytest.mark.parametrize(
        ("config", "code"),
        [
            ({"target_modules": ["nope"]}, "unknown_target_modules"),
            ({"max_length": 100_000}, "max_length_beyond_context"),
            ({"precision": "fp16"}, "precision_unsupported"),
        ],
    )
    @pytest.mark.slow
    def test_bad_setting_fails_with_its_own_code(
        self, tiny_model_dir: Path, tmp_path: Path, config: dict[str, Any], code: str
    ) -> None:
        dataset = dataset_of(level_1_examples(), tmp_path)
        outcome, _ = run_and_watch(text_lora_run(dataset, model_input(tiny_model_dir), tmp_path, **config))
        assert outcome.failure is not None
        assert outcome.failure.code == code
        assert not (
            run_dir_of(text_lora_run(dataset, model_input(tiny_model_dir), tmp_path)) / "final_model"
        ).exists()

    @pytest.mark.slow
    def test_preference_data_is_refused(self, tiny_model_dir: Path, tmp_path: Path) -> None:
        example = PreferenceExample(
            row=1, messages=level_1_examples()[0].messages[:1], chosen="a", rejected="b"
        )
        dataset = dataset_of([example], tmp_path, PREFERENCE)
        outcome, _ = run_and_watch(text_lora_run(dataset, model_input(tiny_model_dir), tmp_path))
        assert outcome.failure is not None
        assert outcome.failure.code == "wrong_dataset_kind"
