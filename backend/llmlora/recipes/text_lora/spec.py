"""Config of `text_lora`."""

from typing import Literal, Self

from pydantic import model_validator

from llmlora.contracts.events import ArtifactKind
from llmlora.contracts.recipe import Metric, RecipeConfig, RecipeSpec, Step, setting
from llmlora.contracts.text import Text
from llmlora.data.kinds.text.names import CHAT, COMPLETION, INSTRUCTION
from llmlora.kit.validation import goes_not_together
from llmlora.recipes.blocks import curves, stages
from llmlora.recipes.blocks.inputs import text_data, text_model
from llmlora.recipes.text_lora.other_names import OTHER_NAMES


class TextLoraConfig(RecipeConfig):
    """Settings of one LoRA run."""

    rank: int = setting(
        8, group="adapter", key=True, ge=1, le=512, ja="LoRA のランク r。", en="Rank r of the LoRA matrices."
    )
    alpha: float | None = setting(
        None,
        group="adapter",
        gt=0,
        le=4096,
        ja="LoRA の倍率 alpha。省略時はランク r の 2 倍。",
        en="LoRA alpha. Default: twice the rank.",
    )
    dropout: float = setting(
        0.0, group="adapter", ge=0, lt=1, ja="LoRA 入力のドロップアウト率。", en="Dropout on the LoRA input."
    )
    target_modules: list[str] | None = setting(
        None,
        group="adapter",
        min_length=1,
        max_length=128,
        ja="学習する線形層の名前。省略時はブロック内のすべての線形層。",
        en="Names of the linear layers to train. Default: all linear layers of the blocks.",
    )
    rslora: bool = setting(
        False,
        group="adapter",
        ja="倍率を alpha/√r にします（rsLoRA）。",
        en="Scale by alpha/√r instead of alpha/r (rsLoRA).",
    )
    dora: bool = setting(
        False,
        group="adapter",
        ja="重みを大きさと向きに分けて学習します（DoRA）。",
        en="Train magnitude and direction of the weights separately (DoRA).",
    )
    learning_rate: float = setting(
        2e-4, group="pace", key=True, gt=0, le=1, ja="学習率の最大値。", en="Peak learning rate."
    )
    schedule: Literal["cosine", "linear", "constant"] = setting(
        "cosine", group="pace", ja="学習率の変え方。", en="How the learning rate falls after the warm-up."
    )
    warmup_ratio: float = setting(
        0.03,
        group="pace",
        ge=0,
        le=1,
        ja="学習率を上げていく区間の割合。",
        en="Share of the steps spent warming up.",
    )
    epochs: float = setting(
        3.0,
        group="pace",
        key=True,
        gt=0,
        le=10_000,
        ja="データを学習する周回数。",
        en="Passes over the data.",
    )
    max_steps: int | None = setting(
        None,
        group="pace",
        ge=1,
        le=100_000_000,
        ja="更新回数の上限。指定するとエポック数より優先します。",
        en="Maximum number of optimizer steps. If set, it takes precedence over epochs.",
    )
    batch_size: int = setting(
        4,
        group="pace",
        ge=1,
        le=4096,
        ja="一度に計算する行数。パッキングでは、詰めた系列の数です。",
        en="Rows per forward pass. With packing: packed sequences.",
    )
    gradient_accumulation: int = setting(
        1,
        group="pace",
        ge=1,
        le=4096,
        ja="1 回の更新のためにためる勾配の回数。",
        en="Forward passes per optimizer step.",
    )
    max_length: int | None = setting(
        None,
        group="data",
        key=True,
        ge=8,
        le=1_048_576,
        ja="1 行のトークン数の上限。超えた分は切り詰め、データの内訳に数えます。省略時は 1024（文脈長まで）。",
        en="Max length of a row in tokens. What is beyond is truncated and counted in the data breakdown. Default: 1024, at most the context.",
    )
    packing: bool = setting(
        False,
        group="data",
        ja="短い行を最大長まで 1 つに詰めます。行どうしは互いに見えません。",
        en="Pack short rows together up to max_length. Rows never see each other.",
    )
    loss_on: Literal["auto", "completion", "everything"] = setting(
        "auto",
        group="data",
        ja="損失を計算する範囲。自動（auto）では応答のみ、文章だけのデータでは全体です。",
        en="What the loss is computed on. auto: answers only, or everything for plain text.",
    )
    weight_decay: float = setting(0.0, group="pace", ge=0, le=10, ja="重み減衰。", en="AdamW weight decay.")
    clip_norm: float = setting(
        1.0, group="pace", gt=0, le=1e6, ja="勾配ノルムの上限。", en="Largest gradient norm."
    )
    seed: int = setting(
        42, group="machine", ge=0, le=2**31 - 1, ja="乱数のシード。", en="Seed of every random choice."
    )
    precision: Literal["auto", "fp32", "bf16", "fp16"] = setting(
        "auto",
        group="machine",
        ja="計算の精度。自動（auto）では、デバイスに合わせて選びます。",
        en="Precision of the computation. auto: chosen for the device.",
    )
    gradient_checkpointing: Literal["auto", "on", "off"] = setting(
        "auto",
        group="machine",
        ja="途中の計算結果を捨てて、メモリを節約します。自動（auto）では、空きメモリを見て決めます。",
        en="Recompute activations to save memory. auto: decided by the free memory.",
    )
    eval_split: float = setting(
        0.0,
        group="watch",
        ge=0,
        le=0.5,
        ja="評価用に取り分ける行の割合。",
        en="Share of the rows held out for evaluation.",
    )
    eval_interval: int | None = setting(
        None,
        group="watch",
        ge=1,
        le=1_000_000,
        ja="評価する間隔（更新回数）。省略時は 1 周ごと。",
        en="Steps between evaluations. Default: one epoch.",
    )
    early_stopping_metric: Literal["eval_loss", "train_loss"] = setting(
        "eval_loss",
        group="watch",
        ja="早期終了の判断に使う値。",
        en="The metric that early stopping watches.",
    )
    early_stopping_patience: int | None = setting(
        None,
        group="watch",
        ge=1,
        le=1000,
        ja="評価が続けて何回良くならなければ学習を止めるか。省略時は止めません。",
        en="Evaluations without improvement after which training stops. Default: never.",
    )
    measure_forgetting: bool = setting(
        False,
        group="watch",
        ja="学習の前と後に、決まった文章（日本語と英語）のパープレキシティを測ります。上がった分だけ、元の力を忘れています。",
        en="Measure the perplexity of fixed texts (Japanese and English) before and after; what it rises by was forgotten.",
    )
    checkpoint_interval: int = setting(
        50,
        group="watch",
        ge=1,
        le=1_000_000,
        ja="チェックポイントを保存する間隔（更新回数）。",
        en="Steps between checkpoints.",
    )
    keep_checkpoints: int = setting(
        2, group="watch", ge=1, le=100, ja="残すチェックポイントの数。", en="Number of checkpoints to keep."
    )

    @model_validator(mode="after")
    def _watches_what_is_measured(self) -> Self:
        watches_eval = self.early_stopping_patience is not None and self.early_stopping_metric == "eval_loss"
        if watches_eval and self.eval_split == 0:
            raise goes_not_together(
                "eval_split",
                ja="評価損失（eval_loss）で早期終了するには、0 より大きい値（例: 0.1）にしてください",
                en="must be above 0, for example 0.1, for early stopping on eval_loss",
            )
        return self

    @property
    def effective_alpha(self) -> float:
        """Alpha as used: 2 × rank unless given."""
        return self.alpha if self.alpha is not None else 2.0 * self.rank


METRICS = (
    curves.TRAIN_LOSS,
    curves.EVAL_LOSS,
    curves.LEARNING_RATE,
    curves.GRAD_NORM,
    curves.SPEED,
    curves.MEMORY,
    Metric(
        "train/perplexity",
        Text(ja="学習パープレキシティ", en="Training perplexity"),
        "perplexity",
        better="down",
        axis="log",
        drawn=False,
    ),
    Metric(
        "eval/perplexity",
        Text(ja="評価パープレキシティ", en="Evaluation perplexity"),
        "perplexity",
        better="down",
        axis="log",
        sparse=True,
        drawn=False,
    ),
    Metric(
        "train/supervised_tokens",
        Text(ja="学習対象トークン", en="Supervised tokens"),
        "tokens",
        "tokens",
        drawn=False,
    ),
    curves.EPOCH,
)

SPEC = RecipeSpec(
    name="text_lora",
    title=Text(ja="テキスト LoRA", en="Text LoRA"),
    summary=Text(
        ja="言語モデルに LoRA アダプターを学習させます。", en="Trains a LoRA adapter on a language model."
    ),
    config=TextLoraConfig,
    family="text",
    inputs={
        "dataset": text_data(INSTRUCTION, CHAT, COMPLETION),
        "base_model": text_model(),
    },
    artifacts=(ArtifactKind.ADAPTER,),
    metrics=METRICS,
    stages=(
        stages.TOKENIZE,
        stages.REHEARSE,
        stages.LOAD,
        stages.TRAIN,
    ),
    short=Text(ja="学習", en="Train"),
    steps=(Step("train", Text(ja="学習", en="Train"), Text(ja="アダプターを学習", en="Trains the adapter")),),
    charts={"loss": Text(ja="損失", en="Loss"), "perplexity": Text(ja="パープレキシティ", en="Perplexity")},
    facts=("rank",),
    reports={
        "ledger": Text(ja="データの内訳", en="Data breakdown"),
        "forgetting": Text(ja="忘却", en="Forgetting"),
    },
    trains=True,
    default=True,
    method="supervised",
    lane="compute",
    resumable=True,
    gpu="optional",
    other_names=OTHER_NAMES,
)
