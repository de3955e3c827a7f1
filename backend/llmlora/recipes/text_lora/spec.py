"""Config of `text_lora`."""

from typing import Literal, Self

from pydantic import model_validator

from llmlora.contracts.dataset import DatasetKind
from llmlora.contracts.events import ArtifactKind
from llmlora.contracts.recipe import RecipeConfig, RecipeSpec, Text, setting
from llmlora.kit.validation import goes_not_together
from llmlora.recipes.text_lora.other_names import OTHER_NAMES


class TextLoraConfig(RecipeConfig):
    """Settings of one LoRA run."""

    rank: int = setting(8, ge=1, le=512, ja="LoRA のランク r。", en="Rank r of the LoRA matrices.")
    alpha: float | None = setting(
        None,
        gt=0,
        le=4096,
        ja="LoRA の倍率 alpha。省略時はランク r の 2 倍。",
        en="LoRA alpha; default 2 × rank.",
    )
    dropout: float = setting(
        0.0, ge=0, lt=1, ja="LoRA 入力のドロップアウト率。", en="Dropout on the LoRA input."
    )
    target_modules: list[str] | None = setting(
        None,
        min_length=1,
        max_length=128,
        ja="学習する線形層の名前。省略時はブロック内のすべての線形層。",
        en="Names of the linear layers to adapt; default: all linear layers of the blocks.",
    )
    rslora: bool = setting(
        False, ja="倍率を alpha/√r にする（rsLoRA）。", en="Scale by alpha/√r instead of alpha/r (rsLoRA)."
    )
    dora: bool = setting(
        False, ja="重みを大きさと向きに分けて学習する（DoRA）。", en="Decompose weights (DoRA)."
    )
    learning_rate: float = setting(2e-4, gt=0, le=1, ja="学習率の最大値。", en="Peak learning rate.")
    schedule: Literal["cosine", "linear", "constant"] = setting(
        "cosine", ja="学習率の変え方。", en="How the learning rate falls after the warm-up."
    )
    warmup_ratio: float = setting(
        0.03, ge=0, le=1, ja="学習率を上げていく区間の割合。", en="Share of the steps spent warming up."
    )
    epochs: float = setting(3.0, gt=0, le=10_000, ja="データを何周するか。", en="Passes over the data.")
    max_steps: int | None = setting(
        None,
        ge=1,
        le=100_000_000,
        ja="更新回数の上限。指定するとエポック数より優先。",
        en="Number of optimizer steps; wins over epochs.",
    )
    batch_size: int = setting(
        4,
        ge=1,
        le=4096,
        ja="一度に計算する行数（パッキングでは、詰めた系列の数）。",
        en="Rows a forward pass (packed sequences with packing).",
    )
    gradient_accumulation: int = setting(
        1, ge=1, le=4096, ja="何回分の勾配をためて更新するか。", en="Forward passes per optimizer step."
    )
    max_length: int | None = setting(
        None,
        ge=8,
        le=1_048_576,
        ja="1 行のトークン数の上限。超えた分は切り捨て、データの内訳に数えます。省略時は 1024（文脈長まで）。",
        en="Max length of a row in tokens; the rest is cut and counted in the data breakdown. Default: 1024, at most the context.",
    )
    packing: bool = setting(
        False,
        ja="短い行を最大長まで 1 つに詰める（行どうしは互いに見えません）。",
        en="Pack short rows up to max_length; rows never see each other.",
    )
    loss_on: Literal["auto", "completion", "everything"] = setting(
        "auto",
        ja="損失を計算する範囲。自動（auto）は応答のみ、文章だけのデータでは全体。",
        en="Where loss is taken; auto: answers only, or everything for plain text.",
    )
    weight_decay: float = setting(0.0, ge=0, le=10, ja="重み減衰。", en="AdamW weight decay.")
    clip_norm: float = setting(1.0, gt=0, le=1e6, ja="勾配ノルムの上限。", en="Largest gradient norm.")
    seed: int = setting(42, ge=0, le=2**31 - 1, ja="乱数の種。", en="Seed of every random choice.")
    precision: Literal["auto", "fp32", "bf16", "fp16"] = setting(
        "auto",
        ja="計算の精度。自動（auto）では装置を調べて選びます。",
        en="Arithmetic; auto probes the device.",
    )
    gradient_checkpointing: Literal["auto", "on", "off"] = setting(
        "auto",
        ja="途中の計算結果を捨ててメモリを節約する。",
        en="Recompute activations to save memory; auto decides from the free memory.",
    )
    eval_split: float = setting(
        0.0, ge=0, le=0.5, ja="評価に回す行の割合。", en="Share of the rows held out for evaluation."
    )
    eval_interval: int | None = setting(
        None,
        ge=1,
        le=1_000_000,
        ja="何回の更新ごとに評価するか。省略時は 1 周ごと。",
        en="Steps between evaluations; default: every epoch.",
    )
    early_stopping_metric: Literal["eval_loss", "train_loss"] = setting(
        "eval_loss", ja="早期終了で見る値。", en="What early stopping watches."
    )
    early_stopping_patience: int | None = setting(
        None,
        ge=1,
        le=1000,
        ja="何回続けて良くならなければ止めるか。省略時は止めない。",
        en="Evaluations without improvement before stopping; default: never.",
    )
    measure_forgetting: bool = setting(
        False,
        ja="学習の前と後に、決まった文章（日本語と英語）のパープレキシティを測る。上がった分だけ、元の力を忘れています。",
        en="Measure the perplexity of fixed texts (Japanese and English) before and after; what it rises by was forgotten.",
    )
    checkpoint_interval: int = setting(
        50, ge=1, le=1_000_000, ja="何回の更新ごとに途中保存するか。", en="Steps between checkpoints."
    )
    keep_checkpoints: int = setting(2, ge=1, le=100, ja="残す途中保存の数。", en="Checkpoints kept.")

    @model_validator(mode="after")
    def _watches_what_is_measured(self) -> Self:
        watches_eval = self.early_stopping_patience is not None and self.early_stopping_metric == "eval_loss"
        if watches_eval and self.eval_split == 0:
            raise goes_not_together(
                "eval_split",
                ja="評価の損失（eval_loss）で早期終了するには、0 より大きい値（例 0.1）が必要です",
                en="early stopping on eval_loss needs a share above 0, for example 0.1",
            )
        return self

    @property
    def effective_alpha(self) -> float:
        """Alpha as used: 2 × rank unless given."""
        return self.alpha if self.alpha is not None else 2.0 * self.rank


SPEC = RecipeSpec(
    name="text_lora",
    title=Text(ja="テキスト LoRA", en="Text LoRA"),
    summary=Text(
        ja="言語モデルに LoRA アダプターを学習させます。", en="Trains a LoRA adapter on a language model."
    ),
    config=TextLoraConfig,
    inputs=frozenset({"dataset", "base_model"}),
    dataset_kinds=frozenset({DatasetKind.INSTRUCTION, DatasetKind.CHAT, DatasetKind.COMPLETION}),
    artifacts=(ArtifactKind.ADAPTER,),
    metrics=(
        "train/loss",
        "train/perplexity",
        "train/learning_rate",
        "train/grad_norm",
        "train/tokens_per_s",
        "train/supervised_tokens",
        "train/epoch",
        "eval/loss",
        "eval/perplexity",
        "memory/bytes",
    ),
    trains=True,
    gpu="optional",
    other_names=OTHER_NAMES,
)
