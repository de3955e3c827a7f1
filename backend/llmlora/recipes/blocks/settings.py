"""Settings that every recipe has whose training goes through `blocks/loop.py`, and those of LoRA: one name, one range and one
meaning each. A spec puts them where it wants them, and says what its own default is.
"""

from typing import Any, Literal

from llmlora.contracts.recipe import setting

Schedule = Literal["cosine", "linear", "constant"]
Precision = Literal["auto", "fp32", "bf16", "fp16"]


def effective_alpha(alpha: float | None, rank: int) -> float:
    """Alpha as used: 2 × rank unless given."""
    return alpha if alpha is not None else 2.0 * rank


def rank(default: int) -> Any:
    """Rank of the LoRA matrices."""
    return setting(
        default,
        group="adapter",
        key=True,
        ge=1,
        le=512,
        ja="LoRA のランク r。",
        en="Rank r of the LoRA matrices.",
    )


def alpha() -> Any:
    """The scale of LoRA, before it is divided by the rank."""
    return setting(
        None,
        group="adapter",
        gt=0,
        le=4096,
        ja="LoRA の倍率 alpha。省略時はランク r の 2 倍。",
        en="LoRA alpha. Default: twice the rank.",
    )


def dropout(default: float) -> Any:
    """Dropout on the LoRA input."""
    return setting(
        default,
        group="adapter",
        ge=0,
        lt=1,
        ja="LoRA 入力のドロップアウト率。",
        en="Dropout on the LoRA input.",
    )


def target_modules(*, ja: str, en: str) -> Any:
    """Which linear layers get LoRA."""
    return setting(None, group="adapter", min_length=1, max_length=128, ja=ja, en=en)


def rslora() -> Any:
    """Scale by the root of the rank."""
    return setting(
        False,
        group="adapter",
        ja="倍率を alpha/√r にします（rsLoRA）。",
        en="Scale by alpha/√r instead of alpha/r (rsLoRA).",
    )


def dora() -> Any:
    """Magnitude and direction apart."""
    return setting(
        False,
        group="adapter",
        ja="重みを大きさと向きに分けて学習します（DoRA）。",
        en="Train magnitude and direction of the weights separately (DoRA).",
    )


def learning_rate(default: float | None, *, ja: str, en: str) -> Any:
    """The peak of the learning rate."""
    return setting(default, group="pace", key=True, gt=0, le=1, ja=ja, en=en)


def schedule(default: Schedule) -> Any:
    """How the learning rate falls."""
    return setting(
        default, group="pace", ja="学習率の変え方。", en="How the learning rate falls after the warm-up."
    )


def warmup_ratio(default: float) -> Any:
    """Share of the steps spent warming up."""
    return setting(
        default,
        group="pace",
        ge=0,
        le=1,
        ja="学習率を上げていく区間の割合。",
        en="Share of the steps spent warming up.",
    )


def epochs(default: float) -> Any:
    """Passes over the data."""
    return setting(
        default,
        group="pace",
        key=True,
        gt=0,
        le=10_000,
        ja="データを学習する周回数。",
        en="Passes over the data.",
    )


def max_steps() -> Any:
    """Optimizer steps, at most."""
    return setting(
        None,
        group="pace",
        ge=1,
        le=100_000_000,
        ja="更新回数の上限。指定するとエポック数より優先します。",
        en="Maximum number of optimizer steps. If set, it takes precedence over epochs.",
    )


def batch_size(default: int, *, ja: str, en: str) -> Any:
    """Rows of a forward pass; the bounds are those of `BatchSize`."""
    return setting(default, group="pace", ja=ja, en=en)


def effective_batch_size(usual: int) -> Any:
    """Rows of a step where the batch size is `auto`. `usual`: the recipe's batch size where nobody says one."""
    return setting(
        None,
        group="pace",
        ge=1,
        le=4096,
        ja=f"バッチサイズが自動（auto）のとき、1 回の更新で学ぶ行数。勾配の蓄積回数も、これに合わせて決まります。省略時は {usual} × 勾配の蓄積回数。",
        en=f"Where the batch size is auto: rows per optimizer step; gradient_accumulation follows from it. Default: {usual} × gradient_accumulation.",
    )


def gradient_accumulation() -> Any:
    """Forward passes of a step."""
    return setting(
        1,
        group="pace",
        ge=1,
        le=4096,
        ja="1 回の更新のためにためる勾配の回数。",
        en="Forward passes per optimizer step.",
    )


def max_length(*, ja: str, en: str) -> Any:
    """Tokens of a row, at most."""
    return setting(None, group="data", key=True, ge=8, le=1_048_576, ja=ja, en=en)


def weight_decay(default: float) -> Any:
    """AdamW's weight decay."""
    return setting(default, group="pace", ge=0, le=10, ja="重み減衰。", en="AdamW weight decay.")


def clip_norm() -> Any:
    """The largest gradient norm."""
    return setting(1.0, group="pace", gt=0, le=1e6, ja="勾配ノルムの上限。", en="Largest gradient norm.")


def seed() -> Any:
    """Of every random choice."""
    return setting(
        42, group="machine", ge=0, le=2**31 - 1, ja="乱数のシード。", en="Seed of every random choice."
    )


def precision() -> Any:
    """Of the computation."""
    return setting(
        "auto",
        group="machine",
        ja="計算の精度。自動（auto）では、デバイスに合わせて選びます。",
        en="Precision of the computation. auto: chosen for the device.",
    )


def eval_split(default: float, *, ja: str, en: str) -> Any:
    """Share of the rows held out."""
    return setting(default, group="watch", ge=0, le=0.5, ja=ja, en=en)


def eval_interval() -> Any:
    """Steps between evaluations."""
    return setting(
        None,
        group="watch",
        ge=1,
        le=1_000_000,
        ja="評価する間隔（更新回数）。省略時は 1 周ごと。",
        en="Steps between evaluations. Default: one epoch.",
    )


def early_stopping_metric(default: str) -> Any:
    """What early stopping watches."""
    return setting(
        default, group="watch", ja="早期終了の判断に使う値。", en="The metric that early stopping watches."
    )


def early_stopping_patience(default: int | None, *, ja: str, en: str) -> Any:
    """How long early stopping waits."""
    return setting(default, group="watch", ge=1, le=1000, ja=ja, en=en)


def checkpoint_interval() -> Any:
    """Steps between checkpoints."""
    return setting(
        50,
        group="watch",
        ge=1,
        le=1_000_000,
        ja="チェックポイントを保存する間隔（更新回数）。",
        en="Steps between checkpoints.",
    )


def keep_checkpoints() -> Any:
    """How many checkpoints stay."""
    return setting(
        2, group="watch", ge=1, le=100, ja="残すチェックポイントの数。", en="Number of checkpoints to keep."
    )
