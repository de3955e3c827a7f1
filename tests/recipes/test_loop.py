"""The training loop on a task of two numbers: what counts as learning, what ends a run, what a cancel costs."""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from llmlora.contracts.events import Checkpoint, LogBatch, MetricBatch, event_adapter
from llmlora.contracts.run import RunCancelledError, RunInputs, RunSpec
from llmlora.recipes.blocks.cancelling import stop_if_cancelled, stop_within_passes
from llmlora.recipes.blocks.divergence import AdapterUnmovedError, DivergedError, NeverBetterError
from llmlora.recipes.blocks.loop import LoopResult, LoopSettings, train
from llmlora.recipes.blocks.placement import Placement
from llmlora.recipes.blocks.random_state import random_state, set_random_state
from llmlora.recipes.blocks.schedule import learning_rate_factor
from llmlora.recipes.context import ChildContext

CPU = Placement(torch.device("cpu"), "fp32", 1)
SETTINGS = LoopSettings(
    total_steps=6,
    learning_rate=0.05,
    schedule="cosine",
    warmup_ratio=0.03,
    weight_decay=0.0,
    clip_norm=1.0,
    eval_interval=2,
    patience=None,
    watched="eval/loss",
    checkpoint_interval=100,
    keep_checkpoints=2,
    fingerprint="f",
)
Loss = Callable[[Tensor, int], Tensor]


class Watched(ChildContext):
    """A context whose run is asked to end at its `ends_at`-th look at `cancelled`."""

    def __init__(self, run_dir: Path, ends_at: int | None = None, resume_from: Path | None = None) -> None:
        run_dir.mkdir(parents=True, exist_ok=True)
        spec = RunSpec(
            job_id="job_1", epoch=1, recipe="text_lora", config={}, inputs=RunInputs(), data_dir=run_dir,
            resume_from=resume_from,
        )  # fmt: skip
        self._file = (run_dir / "events").open("wb")
        super().__init__(spec, run_dir, self._file.fileno())
        self.looks, self.ends_at = 0, ends_at

    @property
    def cancelled(self) -> bool:
        self.looks += 1
        return self.ends_at is not None and self.looks >= self.ends_at

    def told(self, kind: type[Any]) -> list[Any]:
        lines = (self.run_dir / "events").read_bytes().splitlines()
        bodies = [event_adapter.validate_json(line).body for line in lines]
        return [body for body in bodies if isinstance(body, kind)]

    @property
    def curves(self) -> dict[tuple[str, int], float]:
        """What can be repeated: no times, no memory."""
        shown = ("train/loss", "train/grad_norm", "train/learning_rate", "eval/loss")
        return {(k, m.step): v for m in self.told(MetricBatch) for k, v in m.values.items() if k in shown}


@dataclass
class Numbers:
    """Two weights and a loss of theirs; dropout takes part, the evaluation looks between its two rows."""

    ctx: ChildContext
    loss: Loss
    scores: Callable[[Tensor, int], float] | None = None
    drops: bool = False

    def __post_init__(self) -> None:
        self.weights = nn.Parameter(torch.tensor([[1.0, -1.0]]))
        self.step = 0
        self.steps_per_epoch = 3

    def batches_of(self, step: int) -> list[int]:
        self.step = step
        return [2 * step, 2 * step + 1]

    def shown(self, _loss: float, _seen_weight: int) -> dict[str, float]:
        return {}

    def weight(self, _batch: int) -> int:
        return 1

    tokens = weight

    def loss_sum(self, batch: int) -> Tensor:
        weights = nn.functional.dropout(self.weights, 0.5) if self.drops else self.weights
        return self.loss(weights, batch)

    def evaluate(self) -> dict[str, float]:
        if self.scores is None:
            return {}
        for _row in range(2):
            stop_if_cancelled(self.ctx)
        return {"loss": self.scores(self.weights.detach(), self.step)}


def towards_zero(weights: Tensor, batch: int) -> Tensor:
    return (weights**2).sum() * (1 + batch % 2)


def size_of(weights: Tensor, _step: int) -> float:
    return float((weights**2).sum())


def learn(
    run_dir: Path,
    loss: Loss = towards_zero,
    *,
    scores: Callable[[Tensor, int], float] | None = size_of,
    placement: Placement = CPU,
    ends_at: int | None = None,
    resume_from: Path | None = None,
    drops: bool = False,
    **settings: Any,
) -> tuple[Watched, Numbers, LoopResult | BaseException]:
    ctx = Watched(run_dir, ends_at, resume_from)
    task = Numbers(ctx, loss, scores, drops)
    torch.manual_seed(0)
    try:
        result: Any = train(task, {"w": task.weights}, replace(SETTINGS, **settings), placement, ctx)
    except (RunCancelledError, Exception) as error:
        result = error
    return ctx, task, result


class TestFirstStep:
    @pytest.mark.parametrize("schedule", ["cosine", "linear", "constant"])
    @pytest.mark.parametrize("warmup_ratio", [0.0, 0.03, 0.5, 1.0])
    @pytest.mark.parametrize("total", [1, 2, 7, 100])
    def test_no_step_of_any_schedule_has_the_rate_zero(
        self, schedule: Any, warmup_ratio: float, total: int
    ) -> None:
        factors = [learning_rate_factor(schedule, step, total, warmup_ratio) for step in range(total)]
        assert all(0 < factor <= 1 for factor in factors)
        assert max(factors) == 1

    def test_warm_up_rises_evenly_to_the_peak(self) -> None:
        factors = [learning_rate_factor("constant", step, 8, 0.5) for step in range(6)]
        assert factors == [0.25, 0.5, 0.75, 1, 1, 1]

    @pytest.mark.parametrize("warmup_ratio", [0.03, 1.0])
    def test_run_of_one_step_learns(self, tmp_path: Path, warmup_ratio: float) -> None:
        ctx, task, result = learn(tmp_path, total_steps=1, warmup_ratio=warmup_ratio)
        assert isinstance(result, LoopResult)
        assert ctx.curves["train/learning_rate", 1] == SETTINGS.learning_rate
        assert ctx.curves["eval/loss", 1] < ctx.curves["eval/loss", 0]
        assert not torch.equal(task.weights, torch.tensor([[1.0, -1.0]]))


class TestPatience:
    def test_is_not_used_up_by_an_evaluation_that_is_resumed_from(self, tmp_path: Path) -> None:
        common: dict[str, Any] = {"patience": 1, "eval_interval": 1}
        # Two looks of the evaluation at step 0, then the first one of the first step.
        first, _, ended = learn(tmp_path / "1", ends_at=3, **common)
        assert isinstance(ended, RunCancelledError)
        (kept,) = first.told(Checkpoint)
        assert kept.step == 0
        second, _, result = learn(tmp_path / "2", resume_from=first.run_dir / kept.path, **common)
        assert isinstance(result, LoopResult)
        assert not result.stopped_early
        assert ("eval/loss", 0) not in second.curves
        assert result.steps == SETTINGS.total_steps

    def test_is_not_used_up_by_steps_that_fp16_skips(self, tmp_path: Path) -> None:
        """The scale falls from 65536 until the gradient fits: the first steps teach nothing."""
        ctx, _, result = learn(
            tmp_path,
            lambda weights, _batch: (weights.half().float() ** 2).sum() * 10,
            placement=replace(CPU, precision="fp16"),
            patience=1,
            eval_interval=1,
            total_steps=12,
        )
        assert isinstance(result, LoopResult), result
        assert ctx.curves["eval/loss", 1] == ctx.curves["eval/loss", 0]
        assert ctx.curves["eval/loss", 12] < ctx.curves["eval/loss", 0]
        assert not result.stopped_early

    def test_is_used_up_by_steps_that_learn_the_wrong_thing(self, tmp_path: Path) -> None:
        ctx, task, result = learn(
            tmp_path,
            scores=lambda _weights, step: [9.0, 5.0, 7.0, 8.0, 8.0, 8.0][step],
            patience=2,
            eval_interval=1,
        )
        assert isinstance(result, LoopResult)
        assert (result.steps, result.stopped_early) == (4, True)
        assert "best eval/loss 5.0000" in ctx.told(LogBatch)[-1].message
        assert torch.allclose(task.weights.abs(), torch.full((1, 2), 0.9), atol=0.02)  # two steps of 0.05


class TestWatched:
    def test_metric_that_is_better_upwards_keeps_the_weights_of_its_largest(self, tmp_path: Path) -> None:
        ctx, _, result = learn(
            tmp_path,
            scores=lambda _weights, step: [0.1, 0.5, 0.9, 0.4, 0.4, 0.4][step],
            patience=2,
            eval_interval=1,
            better="up",
        )
        assert isinstance(result, LoopResult)
        assert (result.steps, result.stopped_early) == (5, True)
        assert "best eval/loss 0.9000" in ctx.told(LogBatch)[-1].message

    def test_what_a_head_drawn_at_random_scores_is_nothing_to_keep(self, tmp_path: Path) -> None:
        _, task, result = learn(
            tmp_path,
            scores=lambda _weights, _step: 0.0,
            patience=1,
            eval_interval=1,
            better="up",
            begins_untaught=True,
        )
        assert isinstance(result, LoopResult)
        assert result.steps == 2
        assert not torch.equal(task.weights, torch.ones_like(task.weights))


class TestNothingLearned:
    @pytest.mark.parametrize("patience", [1, 50], ids=["stopped early", "to the end"])
    def test_untrained_weights_are_never_the_result(self, tmp_path: Path, patience: int) -> None:
        _, _, error = learn(
            tmp_path, scores=lambda weights, _step: -size_of(weights, 0), patience=patience, eval_interval=1
        )
        assert isinstance(error, NeverBetterError)
        assert "eval/loss" in error.detail("ja")
        assert "0.005" in error.detail("en")

    @pytest.mark.parametrize(
        ("loss", "more", "words"),
        [
            (lambda weights, _batch: (weights * 0).sum(), {}, "Raise learning_rate"),
            (towards_zero, {"learning_rate": 1e-60}, "Raise learning_rate"),
            (
                lambda weights, _batch: (weights.half().float() ** 2).sum() * 1e4,
                {"placement": replace(CPU, precision="fp16")},
                "Set precision to bf16 or fp32",
            ),
        ],
        ids=["no gradient", "rate below the numbers", "every step skipped"],
    )
    def test_run_that_moved_nothing_fails_in_words(
        self, tmp_path: Path, loss: Loss, more: dict[str, Any], words: str
    ) -> None:
        _, _, error = learn(tmp_path, loss, **more)
        assert isinstance(error, AdapterUnmovedError)
        assert words in error.detail("en")

    def test_weights_that_moved_before_a_resume_have_moved(self, tmp_path: Path) -> None:
        first, _, _ = learn(tmp_path / "1", checkpoint_interval=6)
        kept = first.told(Checkpoint)[-1]
        _, _, result = learn(tmp_path / "2", resume_from=first.run_dir / kept.path, checkpoint_interval=6)
        assert isinstance(result, LoopResult)


class TestDivergence:
    @pytest.mark.parametrize(
        ("loss", "metric", "word", "code"),
        [
            (
                lambda w, batch: w.sum() * (math.nan if batch > 3 else 1),
                "train/loss",
                "nan",
                "loss_not_finite",
            ),
            (
                lambda w, batch: (w**2).sum() * (math.inf if batch > 3 else 1),
                "train/loss",
                "inf",
                "loss_not_finite",
            ),
            (
                lambda w, batch: ((w * 0).sqrt() if batch > 3 else w).sum(),
                "train/grad_norm",
                "nan",
                "gradient_not_finite",
            ),
        ],
        ids=["NaN", "infinite", "gradient alone"],
    )
    def test_ends_the_run_at_its_step_and_is_told(
        self, tmp_path: Path, loss: Loss, metric: str, word: str, code: str
    ) -> None:
        ctx, task, error = learn(tmp_path, loss, scores=None, total_steps=3)
        assert isinstance(error, DivergedError)
        assert (error.code, error.facts["step"], error.facts["metric"]) == (code, 3, metric)
        assert "0.005" in error.detail("en")
        assert "learning_rate" in error.detail("ja")
        last = ctx.told(MetricBatch)[-1]
        assert (last.step, last.not_finite) == (3, {metric: word})
        assert torch.isfinite(task.weights).all()

    def test_of_an_evaluation_is_told_with_what_was_finite(self, tmp_path: Path) -> None:
        ctx, _, error = learn(tmp_path, scores=lambda _w, step: math.nan if step else 1.0)
        assert isinstance(error, DivergedError)
        assert (error.facts["step"], error.facts["metric"]) == (2, "eval/loss")
        assert ctx.told(MetricBatch)[-1].not_finite == {"eval/loss": "nan"}

    def test_before_the_first_step_no_lower_rate_is_proposed(self, tmp_path: Path) -> None:
        _, _, error = learn(tmp_path, scores=lambda _w, _step: math.nan)
        assert isinstance(error, DivergedError)
        assert "of the base model are intact" in error.detail("en")

    def test_fp16_that_overflows_unscaled_diverges(self, tmp_path: Path) -> None:
        _, _, error = learn(
            tmp_path,
            lambda weights, _batch: (weights * 0).sqrt().sum() + weights.sum(),
            placement=replace(CPU, precision="fp16"),
            scores=None,
            total_steps=40,
        )
        assert isinstance(error, DivergedError)
        assert error.code == "gradient_not_finite"


class TestCancel:
    COMMON: dict[str, Any] = {"drops": True, "patience": 5, "total_steps": 4}  # noqa: RUF012 - read only

    def test_anywhere_costs_a_resumed_run_nothing(self, tmp_path: Path) -> None:
        whole, reference, result = learn(tmp_path / "whole", **self.COMMON)
        assert isinstance(result, LoopResult)
        assert whole.looks == 3 * 2 + 4 * 2  # three evaluations, four steps
        for look in range(1, whole.looks + 1):
            first, _, ended = learn(tmp_path / f"{look}", ends_at=look, **self.COMMON)
            assert isinstance(ended, RunCancelledError)
            (kept,) = first.told(Checkpoint)
            path = first.run_dir / kept.path
            second, task, result = learn(tmp_path / f"{look}-2", resume_from=path, **self.COMMON)
            assert isinstance(result, LoopResult)
            assert torch.equal(task.weights, reference.weights), look
            assert first.curves | second.curves == whole.curves, look
            assert not first.curves.keys() & second.curves.keys(), look

    def test_ends_a_pass_at_the_next_layer_forwards_and_backwards(self, tmp_path: Path) -> None:
        model = nn.ModuleDict({"layers": nn.ModuleList(nn.Linear(2, 2) for _ in range(3))})
        ctx = Watched(tmp_path)
        stop_within_passes(model, ctx)

        def passes() -> None:
            hidden = torch.ones(1, 2, requires_grad=True)
            for layer in model["layers"]:
                hidden = layer(hidden)
            hidden.sum().backward()

        passes()
        assert ctx.looks == 6
        for look in range(1, 7):
            ctx.looks, ctx.ends_at = 0, look
            with pytest.raises(RunCancelledError):
                passes()
            assert ctx.looks == look


class TestRandomState:
    @pytest.fixture
    def accelerator(self, monkeypatch: pytest.MonkeyPatch) -> torch.Generator:
        """A generator of the device's own, as Apple's has; torch's functions for it reach that."""
        generator = torch.Generator()
        monkeypatch.setattr(torch.mps, "get_rng_state", lambda _device="mps": generator.get_state())
        monkeypatch.setattr(
            torch.mps, "set_rng_state", lambda state, _device="mps": generator.set_state(state)
        )
        monkeypatch.setattr(torch.mps, "driver_allocated_memory", lambda: 0)
        return generator

    def test_of_mps_is_kept_beside_the_cpus(self, accelerator: torch.Generator) -> None:
        mps = torch.device("mps")
        state = random_state(mps)
        drawn = torch.rand(3, generator=accelerator), torch.rand(3)
        set_random_state(state, mps)
        assert torch.equal(torch.rand(3, generator=accelerator), drawn[0])
        assert torch.equal(torch.rand(3), drawn[1])

    def test_run_on_mps_resumes_with_the_dropout_that_would_have_followed(
        self, tmp_path: Path, accelerator: torch.Generator
    ) -> None:
        def noisy(weights: Tensor, _batch: int) -> Tensor:
            return (weights**2 * torch.rand(1, 2, generator=accelerator)).sum()

        placement = replace(CPU, device=torch.device("mps"))

        def begin(place: str, **more: Any) -> tuple[Watched, Numbers, Any]:
            accelerator.manual_seed(len(place))  # a process of its own begins elsewhere
            return learn(tmp_path / place, noisy, scores=None, placement=placement, **more)

        whole, reference, _ = begin("a")
        first, _, ended = begin("b", ends_at=6)  # within the third step, behind a draw of its first batch
        assert isinstance(ended, RunCancelledError)
        path = first.run_dir / first.told(Checkpoint)[-1].path
        second, task, _ = begin("resumed", resume_from=path)
        assert torch.equal(task.weights, reference.weights)
        assert first.curves | second.curves == whole.curves
