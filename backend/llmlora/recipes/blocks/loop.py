"""The one training loop of every recipe that learns by gradients.

Guarantees: a run resumed from a checkpoint takes the same steps and evaluations as an unbroken one (weights, optimizer,
schedule, random state and data position are restored; the data position is the step number). SIGTERM loses at most the
step or the evaluation in hand. A loss or a gradient that is not a number stops the run instead of spoiling what it
learned. A run that ends well has changed its parameters.
"""

import hashlib
import math
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Literal, Protocol, TypeVar

import torch
from torch import Tensor, nn

from llmlora.contracts.events import MetricBatch, Progress
from llmlora.contracts.run import Context, RunCancelledError
from llmlora.recipes.blocks.cancelling import stop_if_cancelled
from llmlora.recipes.blocks.checkpoint import (
    CheckpointMismatchError,
    load_checkpoint,
    prune_checkpoints,
    save_checkpoint,
    whole_checkpoint,
)
from llmlora.recipes.blocks.divergence import Circumstances
from llmlora.recipes.blocks.placement import Placement
from llmlora.recipes.blocks.random_state import random_state, set_random_state
from llmlora.recipes.blocks.schedule import Schedule, learning_rate_factor

BatchT = TypeVar("BatchT")
# Weight of the newest step in the running step time that the ETA is made of.
ETA_SMOOTHING = 0.2
# A gradient that overflows fp16 without any scaling is not one that a smaller scale would save.
LEAST_SCALE = 1.0


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
        """The sum of the losses: () float32, differentiable. A long pass may raise `RunCancelledError`, its backward too."""

    def shown(self, loss: float, seen_weight: int) -> dict[str, float]:
        """What it tells of a step beside the loss itself, by the names of its metrics. `seen_weight`: of the whole run."""

    def evaluate(self) -> dict[str, float]:
        """Metrics on the held-out rows, `loss` among them; empty where there are none.

        Raises:
            RunCancelledError: SIGTERM was seen.
        """


@dataclass(frozen=True)
class LoopSettings:
    """How long, how fast, how careful. `watched`: the metric that early stopping looks at, and which way is `better`;
    `fingerprint` ties checkpoints to their run; `begins_untaught`: before its first step the model is none that one would keep,
    e.g. one with a head drawn at random."""

    total_steps: int
    learning_rate: float
    schedule: Schedule
    warmup_ratio: float
    weight_decay: float
    clip_norm: float
    eval_interval: int
    patience: int | None
    watched: str
    checkpoint_interval: int
    keep_checkpoints: int
    fingerprint: str
    better: Literal["up", "down"] = "down"
    begins_untaught: bool = False


@dataclass
class LoopState:
    """All of a run's memory that is not a tensor.

    `learned`: steps that changed the weights (fp16 skips those whose gradient overflows). `evaluated`: the step of the last
    evaluation; `judged`: what `learned` was then. `best_step`: the step of the best one.
    """

    step: int = 0
    learned: int = 0
    evaluated: int | None = None
    judged: int = 0
    seen_weight: int = 0
    train_s: float = 0.0
    best: float | None = None
    best_step: int | None = None
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
        DivergedError: the loss or the gradient became NaN or infinite.
        AdapterUnmovedError, NeverBetterError: after the last step the parameters are those of the first.
        RunCancelledError: SIGTERM was seen; a checkpoint was saved.
        CheckpointBrokenError, CheckpointMismatchError: the checkpoint to resume from cannot be used.
    """
    run = _Run(parameters, settings, placement, ctx)
    run.restore()
    run.report_progress()  # before an evaluation that may take long: a resumed run is where it was
    try:
        run.evaluate_if_due(task)
        while run.state.step < settings.total_steps and not run.state.stopped_early:
            run.take_step(task)
            run.evaluate_if_due(task)
            if run.state.step % settings.checkpoint_interval == 0:
                run.save()
    except RunCancelledError:
        run.save()
        raise
    if run.state.stopped_early:
        run.report_progress()
    run.take_best()
    run.refuse_unmoved()
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
        self.untrained = {name: _digest(p) for name, p in parameters.items()}
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

    def take_step(self, task: Task[BatchT]) -> None:
        """One optimizer step, reported.

        Raises:
            RunCancelledError: SIGTERM was seen; nothing has changed.
            DivergedError: the loss or the gradient is no number.
        """
        batches = task.batches_of(self.state.step)
        started = time.perf_counter()
        loss = self.accumulate(task, batches)
        self.update(loss, sum(map(task.weight, batches)))
        self.report_step(task, batches, loss, time.perf_counter() - started)

    def accumulate(self, task: Task[BatchT], batches: Sequence[BatchT]) -> float:
        """Mean loss over a step's batches, gradients left on the parameters."""
        total_weight = sum(map(task.weight, batches))
        begun = random_state(self.placement.device)
        total = 0.0
        try:
            for batch in batches:
                stop_if_cancelled(self.ctx)
                with self.placement.autocast():
                    loss = task.loss_sum(batch) / total_weight
                self.scaler.scale(loss).backward()  # type: ignore[no-untyped-call]
                total += loss.item()
        except RunCancelledError:
            self.optimizer.zero_grad(set_to_none=True)
            set_random_state(
                begun, self.placement.device
            )  # the step will be taken again, with the same dropout
            raise
        self._refuse_not_finite(self.state.step + 1, {"train/loss": total})
        return total

    def update(self, loss: float, weight: int) -> None:
        """Clip, set the learning rate, step."""
        self.scaler.unscale_(self.optimizer)
        norm = nn.utils.clip_grad_norm_(self.parameters.values(), self.settings.clip_norm).item()
        scale = self.scaler.get_scale()
        if math.isfinite(norm):
            self.grad_norm = norm
        elif not self.scaler.is_enabled() or scale <= LEAST_SCALE:
            self._refuse_not_finite(self.state.step + 1, {"train/grad_norm": norm})
        rate = self.learning_rate()
        for group in self.optimizer.param_groups:
            group["lr"] = rate
        self.scaler.step(self.optimizer)
        self.scaler.update()
        self.optimizer.zero_grad(set_to_none=True)
        self.state.step += 1
        self.state.learned += (
            self.scaler.get_scale() >= scale
        )  # fp16 overflows now and then: that step was skipped
        self.state.seen_weight += weight
        self.state.last |= {"train/loss": loss, "train/learning_rate": rate}

    def _refuse_not_finite(self, step: int, figures: Mapping[str, float]) -> None:
        """Let the figures be seen as they are, then end the run, where one of them is no number."""
        for name, value in figures.items():
            if not math.isfinite(value):
                self.ctx.emit(MetricBatch(step=step, values=dict(figures)))
                raise self._circumstances().diverged(step, name, value)

    def _circumstances(self) -> Circumstances:
        return Circumstances(self.settings.learning_rate, self.placement.precision, self.state.learned)

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
            "train/grad_norm": self.grad_norm,
            "train/tokens_per_s": sum(map(task.tokens, batches)) / max(seconds, 1e-9),
            "train/epoch": state.step / task.steps_per_epoch,
            "memory/bytes": float(self.placement.memory_bytes()),
            **task.shown(loss, state.seen_weight),
        }
        shown = {k: v for k, v in state.last.items() if not k.startswith("eval/")}
        self.ctx.emit(MetricBatch(step=state.step, values=shown))
        self.report_progress()

    def report_progress(self) -> None:
        """Emit how many of the steps are done; a run that stopped early has no more of them than it took."""
        done = self.state.step
        total = done if self.state.stopped_early else self.settings.total_steps
        eta_s = None if self.step_s is None else (total - done) * self.step_s
        self.ctx.emit(Progress(stage="train", done=done, total=total, unit="steps", eta_s=eta_s))

    def evaluate_if_due(self, task: Task[BatchT]) -> None:
        """Evaluate where it is time and was not done, which a resumed run may have to make up for.

        Raises:
            RunCancelledError: SIGTERM was seen; nothing has changed.
            DivergedError: a metric is no number.
        """
        step = self.state.step
        is_due = step % self.settings.eval_interval == 0 or step == self.settings.total_steps
        if not is_due or self.state.evaluated == step:
            return
        metrics = {f"eval/{name}": value for name, value in task.evaluate().items()}
        self._refuse_not_finite(step, metrics)
        if metrics:
            self.state.last |= metrics
            self.ctx.emit(MetricBatch(step=step, values=metrics))
        self._decide_about_stopping()
        self.state.evaluated, self.state.judged = step, self.state.learned

    def _decide_about_stopping(self) -> None:
        """Keep the best weights; count an evaluation against the patience where the steps before it could learn."""
        state, watched = self.state, self.state.last.get(self.settings.watched)
        if self.settings.patience is None or watched is None:
            return
        if self.settings.begins_untaught and not state.learned:
            return
        if state.best is None or (
            watched > state.best if self.settings.better == "up" else watched < state.best
        ):
            state.best, state.best_step, state.waits = watched, state.step, 0
            self.best = {name: p.detach().cpu().clone() for name, p in self.parameters.items()}
        elif state.learned > state.judged:
            state.waits += 1
        if state.waits >= self.settings.patience:
            state.stopped_early = True
            self.ctx.log(f"early stop at step {state.step}: best {self.settings.watched} {state.best:.4f}")

    def take_best(self) -> None:
        """Put the best weights back where early stopping kept them."""
        with torch.no_grad():
            for name, tensor in self.best.items():
                self.parameters[name].copy_(tensor)

    def refuse_unmoved(self) -> None:
        """End in words where every parameter is what it was before the first step."""
        if any(_digest(p) != self.untrained[name] for name, p in self.parameters.items()):
            return
        state, why, watched = self.state, self._circumstances(), self.settings.watched
        if state.best is not None and state.best_step == 0 and state.learned:
            raise why.never_better(watched, state.best, state.last[watched])
        raise why.unmoved(state.step)

    def save(self) -> None:
        """Publish a checkpoint of everything and drop the oldest ones."""
        names = {id(p): name for name, p in self.parameters.items()}
        moments = {
            f"{names[id(p)]}/{key}": value
            for p, slots in self.optimizer.state.items()
            for key, value in slots.items()
        }
        tensors = {
            "parameters": self.parameters,
            "optimizer": moments,
            "random": random_state(self.placement.device),
        }
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
                f"the newest checkpoint is damaged; resuming from {path.name}",
                level="warning",
            )
        loaded = load_checkpoint(path)
        if loaded.state["fingerprint"] != self.settings.fingerprint:
            raise CheckpointMismatchError(
                path=path, what=("設定、データ、ベースモデルのいずれか", "settings, data or base model")
            )
        with torch.no_grad():
            for name, parameter in self.parameters.items():
                parameter.copy_(loaded.tensors["parameters"][name])
        for key, value in loaded.tensors["optimizer"].items():
            name, slot = key.rsplit("/", 1)
            parameter = self.parameters[name]
            # AdamW counts steps on the CPU; its moments lie with the parameter.
            place = value if slot == "step" else value.to(parameter.device)
            self.optimizer.state.setdefault(parameter, {})[slot] = place
        set_random_state(loaded.tensors["random"], self.placement.device)
        self.best = loaded.tensors.get("best", {})
        self.scaler.load_state_dict(loaded.state["scaler"])
        kept = loaded.state["loop"]
        # Checkpoints of before these were kept: saved behind their step's evaluation, and every step had learned.
        before = {"evaluated": kept["step"], "learned": kept["step"], "judged": kept["step"]}
        self.state = LoopState(**(before | kept))
        self.ctx.log(f"resumed at step {self.state.step} from {path.name}")

    def _directory(self) -> Path:
        return self.ctx.run_dir / "checkpoints"


def _digest(parameter: Tensor) -> bytes:
    """Names the numbers of a parameter: a copy of a large adapter would take its memory again."""
    numbers = parameter.detach().cpu().reshape(-1).view(torch.uint8)
    return hashlib.sha256(numbers.numpy().tobytes()).digest()
