"""Trains a classifier of texts: rows → encoder with a head → loop → evaluation → `classifier/`, proved by a new process."""

import hashlib
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from llmlora.contracts.events import Progress
from llmlora.contracts.recipe import number_of
from llmlora.contracts.run import BaseModelInput, Context, DatasetInput
from llmlora.kit.errors import InvalidInputError
from llmlora.recipes.blocks.adapter import trainable_parameters
from llmlora.recipes.blocks.batches import BatchPlan, plan_batches
from llmlora.recipes.blocks.bundled_models import default_for
from llmlora.recipes.blocks.cancelling import stop_if_cancelled, stop_within_passes
from llmlora.recipes.blocks.checkpoint import load_state, whole_checkpoint
from llmlora.recipes.blocks.classified import answers_of, scores
from llmlora.recipes.blocks.completeness import digests_of
from llmlora.recipes.blocks.encoder import HeadedEncoder, adapted, load_headed, load_vocabulary, padded
from llmlora.recipes.blocks.loop import LoopSettings, train
from llmlora.recipes.blocks.placement import Placement, choose_placement, tune_threads
from llmlora.recipes.blocks.tasks import ENCODE
from llmlora.recipes.text_classification.results import Trained, publish
from llmlora.recipes.text_classification.rows import Rows, read_rows
from llmlora.recipes.text_classification.spec import DEFAULT_MAX_LENGTH, TextClassificationConfig


class LengthBeyondContextError(InvalidInputError):
    """Rows longer than the model can read were asked for."""

    code = "max_length_beyond_context"
    ja = "最大長（max_length）{max_length} は、モデルの文脈長 {context} を超えています。{context} 以下にしてください。"
    en = "max_length {max_length} exceeds the context of the model, {context}. Use at most {context}."


@dataclass(frozen=True)
class ClassifyTask:
    """Cross entropy of each row's class; of several classes, the mean binary cross entropy over them. A batch is a list of rows.

    `weights`: (C,) of the classes in the loss, None: all alike.
    """

    model: nn.Module
    rows: Rows
    plan: BatchPlan
    pad_id: int
    weights: Tensor | None
    threshold: float
    placement: Placement
    ctx: Context

    @property
    def steps_per_epoch(self) -> int:
        """Optimizer steps an epoch."""
        return self.plan.steps_per_epoch

    def batches_of(self, step: int) -> list[list[int]]:
        """Forward passes of a step."""
        return self.plan.batches_of(step)

    def weight(self, batch: list[int]) -> int:
        """Rows."""
        return len(batch)

    def tokens(self, batch: list[int]) -> int:
        """All tokens, padding not counted."""
        return sum(len(self.rows.ids[row]) for row in batch)

    def shown(self, _loss: float, _seen_weight: int) -> dict[str, float]:
        """Nothing more."""
        return {}

    def logits(self, batch: list[int]) -> Tensor:
        """(rows, classes) float32."""
        inputs = padded([self.rows.ids[row] for row in batch], self.pad_id, self.placement.device)
        found: Tensor = self.model(**inputs).logits.float()
        return found

    def loss_sum(self, batch: list[int]) -> Tensor:
        """Summed over the rows: () float32."""
        return self._loss(self.logits(batch), batch, self.weights)

    def _loss(self, logits: Tensor, batch: list[int], weights: Tensor | None) -> Tensor:
        marks = torch.from_numpy(self.rows.marks[batch]).to(logits.device)
        if self.rows.several:
            each = nn.functional.binary_cross_entropy_with_logits(logits, marks.float(), reduction="none")
            return (each if weights is None else each * weights).mean(dim=1).sum()
        return nn.functional.cross_entropy(
            logits, marks.float().argmax(dim=1), weight=weights, reduction="sum"
        )

    def typical_pass(self) -> None:
        """Forwards and backwards over a batch of middling length, for timing; leaves no gradients."""
        batches = sorted(self.batches_of(0), key=self.tokens)
        with self.placement.autocast():
            loss = self.loss_sum(batches[len(batches) // 2])
        loss.backward()  # type: ignore[no-untyped-call]
        self.model.zero_grad(set_to_none=True)

    @torch.no_grad()
    def asked(self, rows: tuple[int, ...], stage: str | None = None) -> tuple[Tensor, float]:
        """Logits (N, C) float32 on the CPU, and the mean loss without weights of classes.

        Raises:
            RunCancelledError: SIGTERM was seen.
        """
        self.model.eval()
        found, total = [], 0.0
        for at in range(0, len(rows), self.plan.batch_size):
            stop_if_cancelled(self.ctx)
            batch = list(rows[at : at + self.plan.batch_size])
            with self.placement.autocast():
                logits = self.logits(batch)
            total += self._loss(logits, batch, None).item()
            found.append(logits.cpu())
            if stage is not None:
                self.ctx.emit(Progress(stage=stage, done=at + len(batch), total=len(rows), unit="rows"))
        self.model.train()
        return torch.cat(found), total / len(rows)

    def evaluate(self) -> dict[str, float]:
        """Loss, accuracy, macro and micro F1 over the held-out rows.

        Raises:
            RunCancelledError: SIGTERM was seen.
        """
        held = self.rows.held_out
        if not held:
            return {}
        logits, loss = self.asked(held)
        answers = answers_of(
            logits.double().numpy(),
            self.rows.marks[list(held)],
            several=self.rows.several,
            threshold=self.threshold,
        )
        return {"loss": loss, **scores(answers)}


def run(config: TextClassificationConfig, ctx: Context) -> None:
    """Train, judge and publish the classifier.

    Raises:
        AppError: the data, the settings or the machine do not allow it, or what was saved is not what was trained.
        RunCancelledError: SIGTERM was seen; a checkpoint was saved.
    """
    dataset, base = ctx.spec.inputs.dataset(), ctx.spec.inputs.base_model()
    tokenizer, context = load_vocabulary(base.path, example=default_for({ENCODE}).reference)
    max_length = _max_length(config, context)
    rows = read_rows(config, dataset, tokenizer, max_length, ctx)
    placement = choose_placement(_resources(ctx), config.precision)
    ctx.emit(Progress(stage="load", done=0, total=1, unit="models"))
    torch.manual_seed(config.seed)
    encoder = load_headed(base.path, rows.labels, several=rows.several)
    untrained = digests_of(encoder.model)
    model = _learning(config, encoder).to(placement.device)
    model.train()
    stop_within_passes(model, ctx)
    ctx.emit(Progress(stage="load", done=1, total=1, unit="models"))
    task = _task(config, model, rows, tokenizer, placement, ctx)
    if _resources(ctx).threads is None:
        # However often it is timed, the same dropout follows. Only the CPU's generator: to look at a GPU's takes its memory.
        with torch.random.fork_rng(devices=[]):
            task = replace(task, placement=tune_threads(placement, task.typical_pass))
    learning = trainable_parameters(model)
    ctx.log(
        f"{placement.device.type} {placement.precision}, {task.placement.threads} threads; "
        f"{sum(p.numel() for p in learning.values()):,} trainable parameters; {len(rows.labels)} classes; "
        f"{len(rows.train)} rows to learn from, {len(rows.held_out)} held out, {len(rows.test)} to judge by"
    )
    settings = _loop_settings(config, task.plan, fingerprint_of(config, dataset, base))
    # From here on there is something to lose: the loop looks at `cancelled`, saves and leaves by itself.
    with ctx.without_interruption():
        result = train(task, learning, settings, task.placement, ctx)
        asked = task.asked(rows.test, "evaluate")[0] if rows.test else None
        trained = Trained(model, tokenizer, untrained, max_length, task.placement, result)
        publish(config, trained, rows, asked, ctx)


def fingerprint_of(config: TextClassificationConfig, dataset: DatasetInput, base: BaseModelInput) -> str:
    """What a checkpoint must share with the run that resumes from it."""
    steps = config.model_dump_json(
        exclude={"effective_batch_size"}
    )  # the two settings tell that it has become
    text = f"{steps}\n{dataset.sha256}\n{base.identity}"
    return hashlib.sha256(text.encode()).hexdigest()


def _resources(ctx: Context) -> Any:
    """A resumed run keeps its thread count: sums then round as before."""
    resources = ctx.spec.resources
    if resources.threads is not None or (checkpoint := whole_checkpoint(ctx.spec)) is None:
        return resources
    return resources.model_copy(update={"threads": load_state(checkpoint)["threads"]})


def _max_length(config: TextClassificationConfig, context: int | None) -> int:
    if config.max_length and context and config.max_length > context:
        raise LengthBeyondContextError(max_length=config.max_length, context=context)
    return config.max_length or min(DEFAULT_MAX_LENGTH, context or DEFAULT_MAX_LENGTH)


def _learning(config: TextClassificationConfig, encoder: HeadedEncoder) -> Any:
    """The model whose parameters that learn ask for gradients."""
    if config.method == "full":
        return encoder.model
    return adapted(
        encoder,
        rank=config.rank,
        alpha=config.effective_alpha,
        dropout=config.dropout,
        target_modules=config.target_modules,
        rslora=config.rslora,
        dora=config.dora,
    )


def _task(
    config: TextClassificationConfig,
    model: Any,
    rows: Rows,
    tokenizer: Any,
    placement: Placement,
    ctx: Context,
) -> ClassifyTask:
    plan = plan_batches(
        rows.train,
        [len(one) for one in rows.ids],
        batch_size=number_of(config.batch_size),
        gradient_accumulation=config.gradient_accumulation,
        pack_to=None,
        seed=config.seed,
    )
    weights = None
    if config.class_weights == "balanced":
        weights = torch.from_numpy(rows.class_weights().astype(np.float32)).to(placement.device)
    return ClassifyTask(
        model, rows, plan, tokenizer.pad_token_id or 0, weights, config.threshold, placement, ctx
    )


def _loop_settings(config: TextClassificationConfig, plan: BatchPlan, fingerprint: str) -> LoopSettings:
    return LoopSettings(
        total_steps=plan.total_steps(config.epochs, config.max_steps),
        learning_rate=config.effective_learning_rate,
        schedule=config.schedule,
        warmup_ratio=config.warmup_ratio,
        weight_decay=config.weight_decay,
        clip_norm=config.clip_norm,
        eval_interval=config.eval_interval or plan.steps_per_epoch,
        patience=config.early_stopping_patience,
        watched=config.early_stopping_metric.replace("_", "/", 1),
        better="down" if config.early_stopping_metric == "eval_loss" else "up",
        checkpoint_interval=config.checkpoint_interval,
        keep_checkpoints=config.keep_checkpoints,
        fingerprint=fingerprint,
        begins_untaught=True,
    )
