"""Config of `text_lora`."""

from typing import Literal, Self

from pydantic import model_validator

from llmlora.contracts.events import ArtifactKind
from llmlora.contracts.recipe import BatchSize, Metric, RecipeConfig, RecipeSpec, Step, setting
from llmlora.contracts.text import Text
from llmlora.data.kinds.text.names import CHAT, COMPLETION, INSTRUCTION
from llmlora.kit.validation import goes_not_together
from llmlora.recipes.blocks import curves, settings, stages
from llmlora.recipes.blocks.inputs import text_data, text_model
from llmlora.recipes.text_lora.other_names import OTHER_NAMES

USUAL_BATCH = 4


class TextLoraConfig(RecipeConfig):
    """Settings of one LoRA run."""

    rank: int = settings.rank(8)
    alpha: float | None = settings.alpha()
    dropout: float = settings.dropout(0.0)
    target_modules: list[str] | None = settings.target_modules(
        ja="学習する線形層の名前。省略時はブロック内のすべての線形層。",
        en="Names of the linear layers to train. Default: all linear layers of the blocks.",
    )
    rslora: bool = settings.rslora()
    dora: bool = settings.dora()
    learning_rate: float = settings.learning_rate(2e-4, ja="学習率の最大値。", en="Peak learning rate.")
    schedule: settings.Schedule = settings.schedule("cosine")
    warmup_ratio: float = settings.warmup_ratio(0.03)
    epochs: float = settings.epochs(3.0)
    max_steps: int | None = settings.max_steps()
    batch_size: BatchSize = settings.batch_size(
        USUAL_BATCH,
        ja="一度に計算する行数。パッキングでは、詰めた系列の数です。自動（auto）では、メモリに収まる最大の数にします。",
        en="Rows per forward pass. With packing: packed sequences. auto: as many as fit in memory.",
    )
    effective_batch_size: int | None = settings.effective_batch_size(USUAL_BATCH)
    gradient_accumulation: int = settings.gradient_accumulation()
    max_length: int | None = settings.max_length(
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
    weight_decay: float = settings.weight_decay(0.0)
    clip_norm: float = settings.clip_norm()
    seed: int = settings.seed()
    precision: settings.Precision = settings.precision()
    gradient_checkpointing: Literal["auto", "on", "off"] = setting(
        "auto",
        group="machine",
        ja="途中の計算結果を捨てて、メモリを節約します。自動（auto）では、空きメモリを見て決めます。",
        en="Recompute activations to save memory. auto: decided by the free memory.",
    )
    eval_split: float = settings.eval_split(
        0.0, ja="評価用に取り分ける行の割合。", en="Share of the rows held out for evaluation."
    )
    eval_interval: int | None = settings.eval_interval()
    early_stopping_metric: Literal["eval_loss", "train_loss"] = settings.early_stopping_metric("eval_loss")
    early_stopping_patience: int | None = settings.early_stopping_patience(
        None,
        ja="評価が続けて何回良くならなければ学習を止めるか。省略時は止めません。",
        en="Evaluations without improvement after which training stops. Default: never.",
    )
    measure_forgetting: bool = setting(
        False,
        group="watch",
        ja="学習の前と後に、決まった文章（日本語と英語）のパープレキシティを測ります。上がった分だけ、元の力を忘れています。",
        en="Measure the perplexity of fixed texts (Japanese and English) before and after; what it rises by was forgotten.",
    )
    checkpoint_interval: int = settings.checkpoint_interval()
    keep_checkpoints: int = settings.keep_checkpoints()

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
        return settings.effective_alpha(self.alpha, self.rank)


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
