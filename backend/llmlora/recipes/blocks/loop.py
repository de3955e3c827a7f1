"""The one training loop of every recipe that learns by gradients.

Guarantees: a run resumed from a checkpoint takes the same steps as an unbroken one (weights, optimizer, schedule,
random state and data position are restored; the data position is the step number). SIGTERM loses at most the step in
hand. A loss that is not a number stops the run instead of spoiling the adapter.
"""

import math
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Literal, Protocol, TypeVar

import torch
from torch import Tensor, nn

from llmlora.contracts.events import MetricBatch, Progress
from llmlora.contracts.recipe import Context, RunCancelledError
from llmlora.kit.errors import InvalidInputError
from llmlora.recipes.blocks.checkpoint import (
    CheckpointMismatchError,
    load_checkpoint,
    prune_checkpoints,
    save_checkpoint,
    whole_checkpoint,
)
from llmlora.recipes.blocks.placement import Placement
from llmlora.recipes.blocks.schedule import Schedule, learning_rate_factor

BatchT = TypeVar("BatchT")
# Weight of the newest step in the running step time that the ETA is made of.
ETA_SMOOTHING = 0.2


class LossNotFiniteError(InvalidInputError):
    """The loss became NaN or infinite."""

    code = "loss_not_finite"
    ja = "ステップ {step} で損失が {loss} になりました。learning_rate を下げるか precision を fp32 にしてください。"
    en = "The loss became {loss} at step {step}. Lower learning_rate or set precision to fp32."


class Task(Protocol[BatchT]):
    """What is learned. `weight` is the number of supervised tokens (or samples) a batch's loss sums over."""

    @property
    def steps_per_epoch(self) -> int:
        """Optimizer steps that see every unit once."""

    def batches_of(self, step: int) -> Sequence[BatchT]:
        """The forward passes of a step: a pure function of the step."""

    def weight(self, batch: BatchT) -> int:
        """How many terms `loss_sum` adds up."""

    def tokens(self, batch: BatchT) -> int:
        """How many tokens (or samples) pass through the model."""

    def loss_sum(self, batch: BatchT) -> Tensor:
        """The sum of the losses: () float32, differentiable."""

    def evaluate(self) -> dict[str, float]:
        """Metrics on the held-out rows, `loss` among them; empty where there are none."""


@dataclass(frozen=True)
class LoopSettings:
    """How long, how fast, how careful. `fingerprint` ties checkpoints to their run."""

    total_steps: int
    learning_rate: float
    schedule: Schedule
    warmup_ratio: float
    weight_decay: float
    clip_norm: float
    eval_interval: int
    patience: int | None
    watched: Literal["eval_loss", "train_loss"]
    checkpoint_interval: int
    keep_checkpoints: int
    fingerprint: str


@dataclass
class LoopState:
    """All of a run's memory that is not a tensor."""

    step: int = 0
    seen_weight: int = 0
    train_s: float = 0.0
    best: float | None = None
    waits: int = 0
    stopped_early: bool = False
    last: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class LoopResult:
    """How training ended."""

    steps: int
    metrics: dict[str, float]
    stopped_early: bool


def train(
    task: Task[BatchT],
    parameters: Mapping[str, nn.Parameter],
    settings: LoopSettings,
    placement: Placement,
    ctx: Context,
) -> LoopResult:
    """Train `parameters` in place until the last step, early stopping or cancellation.

    Raises:
        LossNotFiniteError: the loss became NaN or infinite.
        RunCancelledError: SIGTERM was seen; a checkpoint was saved.
        CheckpointBrokenError, CheckpointMismatchError: the checkpoint to resume from cannot be used.
    """
    run = _Run(parameters, settings, placement, ctx)
    run.restore()
    if run.state.step == 0:
        run.report_evaluation(task)
    while run.state.step < settings.total_steps and not run.state.stopped_early:
        batches = task.batches_of(run.state.step)
        started = time.perf_counter()
        loss = run.accumulate(task, batches)
        if loss is None:
            run.save()
            raise RunCancelledError
        run.update(loss, sum(map(task.weight, batches)))
        run.report_step(task, batches, loss, time.perf_counter() - started)
        if run.state.step % settings.eval_interval == 0 or run.state.step == settings.total_steps:
            run.report_evaluation(task)
        if run.state.step % settings.checkpoint_interval == 0:
            run.save()
    run.take_best()
    return LoopResult(run.state.step, run.state.last, run.state.stopped_early)


class _Run:
    """The optimizer and the state of one `train` call."""

    def __init__(
        self,
        parameters: Mapping[str, nn.Parameter],
        settings: LoopSettings,
        placement: Placement,
        ctx: Context,
    ) -> None:
        self.parameters = parameters
        self.settings = settings
        self.placement = placement
        self.ctx = ctx
        self.state = LoopState()
        self.best: dict[str, Tensor] = {}
        self.grad_norm = 0.0
        self.step_s: float | None = None
        matrices = [p for p in parameters.values() if p.ndim > 1]
        vectors = [p for p in parameters.values() if p.ndim <= 1]
        self.optimizer = torch.optim.AdamW(
            [
                {"params": matrices, "weight_decay": settings.weight_decay},
                {"params": vectors, "weight_decay": 0.0},
            ],
            lr=settings.learning_rate,
        )
        self.scaler = torch.amp.GradScaler(placement.device.type, enabled=placement.precision == "fp16")

    def accumulate(self, task: Task[BatchT], batches: Sequence[BatchT]) -> float | None:
        """Mean loss over a step's batches, gradients left on the parameters; None when cancelled meanwhile."""
        total_weight = sum(map(task.weight, batches))
        begun = self.random_state()
        total = 0.0
        for batch in batches:
            if self.ctx.cancelled:
                self.optimizer.zero_grad(set_to_none=True)
                self.set_random_state(begun)  # the step will be taken again, with the same dropout
                return None
            with self.placement.autocast():
                loss = task.loss_sum(batch) / total_weight
            self.scaler.scale(loss).backward()  # type: ignore[no-untyped-call]
            total += loss.item()
        if not math.isfinite(total):
            raise LossNotFiniteError(step=self.state.step + 1, loss=total)
        return total

    def update(self, loss: float, weight: int) -> None:
        """Clip, set the learning rate, step."""
        self.scaler.unscale_(self.optimizer)
        norm = nn.utils.clip_grad_norm_(self.parameters.values(), self.settings.clip_norm)
        if math.isfinite(norm.item()):  # fp16 overflows now and then; the scaler skips such a step
            self.grad_norm = norm.item()
        rate = self.learning_rate()
        for group in self.optimizer.param_groups:
            group["lr"] = rate
        self.scaler.step(self.optimizer)
        self.scaler.update()
        self.optimizer.zero_grad(set_to_none=True)
        self.state.step += 1
        self.state.seen_weight += weight
        self.state.last |= {"train/loss": loss, "train/learning_rate": rate}

    def learning_rate(self) -> float:
        """Rate of the step in hand."""
        s = self.settings
        return s.learning_rate * learning_rate_factor(
            s.schedule, self.state.step, s.total_steps, s.warmup_ratio
        )

    def report_step(self, task: Task[BatchT], batches: Sequence[BatchT], loss: float, seconds: float) -> None:
        """Emit the step's metrics and progress."""
        state = self.state
        state.train_s += seconds
        self.step_s = (
            seconds if self.step_s is None else ETA_SMOOTHING * seconds + (1 - ETA_SMOOTHING) * self.step_s
        )
        state.last |= {
            "train/perplexity": math.exp(min(loss, 80.0)),
            "train/grad_norm": self.grad_norm,
            "train/tokens_per_s": sum(map(task.tokens, batches)) / max(seconds, 1e-9),
            "train/supervised_tokens": float(state.seen_weight),
            "train/epoch": state.step / task.steps_per_epoch,
            "memory/bytes": float(self.placement.memory_bytes()),
        }
        shown = {k: v for k, v in state.last.items() if not k.startswith("eval/")}
        self.ctx.emit(MetricBatch(step=state.step, values=shown))
        self.ctx.emit(
            Progress(
                stage="train",
                done=state.step,
                total=self.settings.total_steps,
                unit="steps",
                eta_s=(self.settings.total_steps - state.step) * self.step_s,
            )
        )

    def report_evaluation(self, task: Task[BatchT]) -> None:
        """Evaluate, emit, and decide about early stopping."""
        metrics = {f"eval/{name}": value for name, value in task.evaluate().items()}
        if metrics:
            self.state.last |= metrics
            self.ctx.emit(MetricBatch(step=self.state.step, values=metrics))
        watched = self.state.last.get(self.settings.watched.replace("_", "/"))
        if self.settings.patience is None or watched is None:
            return
        if self.state.best is None or watched < self.state.best:
            self.state.best, self.state.waits = watched, 0
            self.best = {name: p.detach().cpu().clone() for name, p in self.parameters.items()}
            return
        self.state.waits += 1
        if self.state.waits >= self.settings.patience:
            self.state.stopped_early = True
            self.ctx.log(
                f"early stop at step {self.state.step}: best {self.settings.watched} {self.state.best:.4f}"
            )

    def take_best(self) -> None:
        """Put the best weights back where early stopping kept them."""
        with torch.no_grad():
            for name, tensor in self.best.items():
                self.parameters[name].copy_(tensor)

    def random_state(self) -> dict[str, Tensor]:
        """What dropout draws from next, on the CPU and on the device."""
        state = {"cpu": torch.get_rng_state()}
        if self.placement.device.type == "cuda":
            state["cuda"] = torch.cuda.get_rng_state(self.placement.device)
        return state

    def set_random_state(self, state: Mapping[str, Tensor]) -> None:
        """Draw again from where `random_state` was taken."""
        torch.set_rng_state(state["cpu"])
        if "cuda" in state:
            torch.cuda.set_rng_state(state["cuda"], self.placement.device)

    def save(self) -> None:
        """Publish a checkpoint of everything and drop the oldest ones."""
        names = {id(p): name for name, p in self.parameters.items()}
        moments = {
            f"{names[id(p)]}/{key}": value
            for p, slots in self.optimizer.state.items()
            for key, value in slots.items()
        }
        tensors = {"parameters": self.parameters, "optimizer": moments, "random": self.random_state()}
        if self.best:
            tensors["best"] = self.best
        state = {
            "fingerprint": self.settings.fingerprint,
            "threads": self.placement.threads,
            "loop": asdict(self.state),
            "scaler": self.scaler.state_dict(),
        }
        directory = self._directory()
        self.ctx.emit(save_checkpoint(directory, self.ctx.run_dir, self.state.step, tensors, state))
        prune_checkpoints(directory, self.settings.keep_checkpoints)

    def restore(self) -> None:
        """Take everything back from the checkpoint that the run was told to resume from, if any."""
        path = whole_checkpoint(self.ctx.spec)
        if path is None:
            return
        if path != self.ctx.spec.resume_from:
            self.ctx.log(
                f"最後のチェックポイントが壊れているため、{path.name} から再開します / "
                f"the newest checkpoint is broken, going on from {path.name}",
                level="warning",
            )
        loaded = load_checkpoint(path)
        if loaded.state["fingerprint"] != self.settings.fingerprint:
            raise CheckpointMismatchError(path=path, what="config, data or base model")
        with torch.no_grad():
            for name, parameter in self.parameters.items():
                parameter.copy_(loaded.tensors["parameters"][name])
        for key, value in loaded.tensors["optimizer"].items():
            name, slot = key.rsplit("/", 1)
            parameter = self.parameters[name]
            # AdamW counts steps on the CPU; its moments lie with the parameter.
            place = value if slot == "step" else value.to(parameter.device)
            self.optimizer.state.setdefault(parameter, {})[slot] = place
        self.set_random_state(loaded.tensors["random"])
        self.best = loaded.tensors.get("best", {})
        self.scaler.load_state_dict(loaded.state["scaler"])
        self.state = LoopState(**loaded.state["loop"])
        self.ctx.log(f"resumed at step {self.state.step} from {path.name}")

    def _directory(self) -> Path:
        return self.ctx.run_dir / "checkpoints"
