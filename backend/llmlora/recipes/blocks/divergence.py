"""Trainings that leave the numbers, and trainings that change nothing: both end in words, never in an adapter."""

import math
from dataclasses import dataclass
from typing import Literal

from llmlora.kit.errors import InvalidInputError

# How much lower a rate is proposed where one was too high.
STEP_DOWN = 10


class DivergedError(InvalidInputError):
    """A figure of the training became NaN or infinite. Leaves say which."""


class LossNotFiniteError(DivergedError):
    """The loss of a step, or of an evaluation, is NaN or infinite."""

    code = "loss_not_finite"
    ja = "ステップ {step} で {metric} が {value} になり、学習が発散しました。{cure_ja}"
    en = "The training diverged: {metric} became {value} at step {step}. {cure_en}"


class GradientNotFiniteError(DivergedError):
    """The loss is a number and its gradient is not: the next step would spoil the adapter."""

    code = "gradient_not_finite"
    ja = "ステップ {step} で勾配（{metric}）が {value} になり、学習が発散しました。{cure_ja}"
    en = "The training diverged: the gradient ({metric}) became {value} at step {step}. {cure_en}"


class AdapterUnmovedError(InvalidInputError):
    """All steps were taken and the adapter is what it was before."""

    code = "adapter_unmoved"
    ja = "{steps} ステップを終えましたが、アダプターの重みが学習前から変わっていません。{cure_ja}"
    en = "All {steps} steps were taken, but the weights of the adapter have not changed. {cure_en}"


class NeverBetterError(InvalidInputError):
    """No evaluation was better than the one before the first step: what early stopping keeps is the untrained adapter."""

    code = "never_better"
    ja = (
        "{metric} は学習前の {best:.4g} が最も良く、その後は一度も良くなりませんでした（最後は {last:.4g}）。残すべき学習結果がありません。"
        "learning_rate を {rate:g} より小さく（たとえば {lower:g} に）するか、early_stopping_patience を大きくしてください。"
    )
    en = (
        "{metric} was best before training ({best:.4g}) and never got better (last: {last:.4g}), so there is "
        "nothing to keep. Lower learning_rate from {rate:g} (for example to {lower:g}), or raise early_stopping_patience."
    )


@dataclass(frozen=True)
class Circumstances:
    """What decides which change helps. `learned`: steps that have changed the weights."""

    learning_rate: float
    precision: Literal["fp32", "bf16", "fp16"]
    learned: int

    def diverged(self, step: int, metric: str, value: float) -> DivergedError:
        """The error of a figure that is no number."""
        leaf = GradientNotFiniteError if metric == "train/grad_norm" else LossNotFiniteError
        ja, en = self._against_divergence()
        return leaf(step=step, metric=metric, value=_word(value), cure_ja=ja, cure_en=en)

    def unmoved(self, steps: int) -> AdapterUnmovedError:
        """The error of a run whose adapter is what it was."""
        if self.learned == 0 and self.precision == "fp16":
            ja = "fp16 では勾配が桁あふれし、どのステップも適用できませんでした。precision を bf16 か fp32 にしてください。"
            en = "With fp16, every gradient overflowed, so no step could be applied. Set precision to bf16 or fp32."
        else:
            ja = f"learning_rate {self.learning_rate:g} が小さすぎるか、学習データから勾配が得られていません。learning_rate を大きくしてください。"
            en = f"learning_rate {self.learning_rate:g} is too small, or the data yields no gradient. Raise learning_rate."
        return AdapterUnmovedError(steps=steps, cure_ja=ja, cure_en=en)

    def never_better(self, metric: str, best: float, last: float) -> NeverBetterError:
        """The error of a run whose best evaluation came before its first step."""
        rate = self.learning_rate
        return NeverBetterError(metric=metric, best=best, last=last, rate=rate, lower=rate / STEP_DOWN)

    def _against_divergence(self) -> tuple[str, str]:
        if self.learned == 0:
            if self.precision == "fp32":
                return (
                    "まだ何も学習していない段階で起きました。ベースモデルの重みが壊れていないか確認してください。",
                    "Nothing had been learned yet. Check that the weights of the base model are intact.",
                )
            return (
                "まだ何も学習していない段階で起きました。precision を fp32 にしてください。",
                "Nothing had been learned yet. Set precision to fp32.",
            )
        rate, lower = self.learning_rate, self.learning_rate / STEP_DOWN
        ja = f"learning_rate を {rate:g} より小さく（たとえば {lower:g} に）してください。"
        en = f"Lower learning_rate from {rate:g} (for example to {lower:g})."
        if self.precision != "fp32":
            ja += "それでも発散するときは precision を fp32 にしてください。"
            en += " If that does not help, set precision to fp32."
        return ja, en


def _word(value: float) -> str:
    if math.isnan(value):
        return "NaN"
    return "∞" if value > 0 else "-∞"
