"""Config of `text_classification`."""

from typing import Literal, Self

from pydantic import model_validator

from llmlora.contracts.events import ArtifactKind
from llmlora.contracts.recipe import BatchSize, Metric, RecipeConfig, RecipeSpec, Step, setting
from llmlora.contracts.text import Text
from llmlora.data.kinds.text_classify.names import CLASSIFY
from llmlora.kit.validation import goes_not_together
from llmlora.recipes.blocks import curves, stages
from llmlora.recipes.blocks.batch_settings import effective_batch_setting
from llmlora.recipes.blocks.inputs import text_data, text_encoder

DEFAULT_MAX_LENGTH = 256
"""Most messages fit, and a pass of sixteen of them stays small."""
USUAL_BATCH = 16
RATES = {"lora": 1e-3, "full": 5e-5}


class TextClassificationConfig(RecipeConfig):
    """Settings of one run."""

    method: Literal["lora", "full"] = setting(
        "lora",
        group="adapter",
        key=True,
        ja="学習する重み。LoRA と分類の層だけ（lora）か、すべて（full）。",
        en="Which weights learn: LoRA and the head (lora), or all of them (full).",
    )
    rank: int = setting(
        16, group="adapter", key=True, ge=1, le=512, ja="LoRA のランク r。", en="Rank r of the LoRA matrices."
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
        0.05, group="adapter", ge=0, lt=1, ja="LoRA 入力のドロップアウト率。", en="Dropout on the LoRA input."
    )
    target_modules: list[str] | None = setting(
        None,
        group="adapter",
        min_length=1,
        max_length=128,
        ja="LoRA を付ける線形層の名前。省略時はエンコーダーのすべての線形層。",
        en="Names of the linear layers that get LoRA. Default: all linear layers of the encoder.",
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
    learning_rate: float | None = setting(
        None,
        group="pace",
        key=True,
        gt=0,
        le=1,
        ja="学習率の最大値。省略時は LoRA で 0.001、すべての重みを学習するときは 0.00005。",
        en="Peak learning rate. Default: 0.001 with LoRA, 0.00005 where all weights learn.",
    )
    schedule: Literal["cosine", "linear", "constant"] = setting(
        "linear", group="pace", ja="学習率の変え方。", en="How the learning rate falls after the warm-up."
    )
    warmup_ratio: float = setting(
        0.06,
        group="pace",
        ge=0,
        le=1,
        ja="学習率を上げていく区間の割合。",
        en="Share of the steps spent warming up.",
    )
    epochs: float = setting(
        10.0,
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
    batch_size: BatchSize = setting(
        USUAL_BATCH,
        group="pace",
        ja="一度に計算する行数。自動（auto）では、メモリに収まる最大の数にします。",
        en="Rows per forward pass. auto: as many as fit in memory.",
    )
    effective_batch_size: int | None = effective_batch_setting(USUAL_BATCH)
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
        ja="1 行のトークン数の上限。超えた分は読まれません。省略時は 256（文脈長まで）。使うときも同じ長さで切ります。",
        en="Max length of a row in tokens. What is beyond is not read. Default: 256, at most the context. The same holds in use.",
    )
    class_weights: Literal["none", "balanced"] = setting(
        "none",
        group="data",
        ja="クラスの重み。balanced では、行の少ないクラスの損失を大きくします。",
        en="Weights of the classes. balanced: classes of few rows count more in the loss.",
    )
    threshold: float = setting(
        0.5,
        group="data",
        gt=0,
        lt=1,
        ja="複数のラベルを付けるデータで、どの確率からラベルを付けるか。",
        en="With several labels a row: the probability from which a label is given.",
    )
    weight_decay: float = setting(0.01, group="pace", ge=0, le=10, ja="重み減衰。", en="AdamW weight decay.")
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
    test_split: float = setting(
        0.2,
        group="watch",
        ge=0,
        le=0.5,
        ja="学習にも早期終了にも使わず、最後の評価のために取り分ける行の割合。クラスごとに同じ割合で取り分けます。",
        en="Share of the rows kept for the final evaluation, used neither for training nor for early stopping; the same share of every class.",
    )
    eval_split: float = setting(
        0.1,
        group="watch",
        ge=0,
        le=0.5,
        ja="学習の途中の評価と早期終了のために取り分ける行の割合。",
        en="Share of the rows held out for the evaluations during training, and for early stopping.",
    )
    eval_interval: int | None = setting(
        None,
        group="watch",
        ge=1,
        le=1_000_000,
        ja="評価する間隔（更新回数）。省略時は 1 周ごと。",
        en="Steps between evaluations. Default: one epoch.",
    )
    early_stopping_metric: Literal["eval_macro_f1", "eval_micro_f1", "eval_loss"] = setting(
        "eval_macro_f1",
        group="watch",
        ja="早期終了の判断に使う値。",
        en="The metric that early stopping watches.",
    )
    early_stopping_patience: int | None = setting(
        5,
        group="watch",
        ge=1,
        le=1000,
        ja="評価が続けて何回良くならなければ学習を止めるか。空欄なら止めません。",
        en="Evaluations without improvement after which training stops. Empty: never.",
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
    def _leaves_rows_to_learn_from(self) -> Self:
        if self.early_stopping_patience is not None and self.eval_split == 0:
            raise goes_not_together(
                "eval_split",
                ja="早期終了するには、0 より大きい値（例: 0.1）にするか、early_stopping_patience を空にしてください",
                en="must be above 0, for example 0.1, for early stopping; or leave early_stopping_patience empty",
            )
        return self

    @property
    def effective_alpha(self) -> float:
        """Alpha as used: 2 × rank unless given."""
        return self.alpha if self.alpha is not None else 2.0 * self.rank

    @property
    def effective_learning_rate(self) -> float:
        """The rate as used: by the method unless given."""
        return self.learning_rate if self.learning_rate is not None else RATES[self.method]


METRICS = (
    curves.TRAIN_LOSS,
    curves.EVAL_LOSS,
    Metric("eval/macro_f1", Text(ja="マクロ F1", en="Macro F1"), "f1", better="up", tile="last", sparse=True),
    Metric("eval/micro_f1", Text(ja="マイクロ F1", en="Micro F1"), "f1", better="up", sparse=True),
    Metric("eval/accuracy", Text(ja="正解率", en="Accuracy"), "f1", better="up", tile="last", sparse=True),
    curves.LEARNING_RATE,
    curves.GRAD_NORM,
    curves.SPEED,
    curves.MEMORY,
    curves.EPOCH,
)

SPEC = RecipeSpec(
    name="text_classification",
    title=Text(ja="テキスト分類", en="Text classification"),
    summary=Text(
        ja="文章がどのクラスに当たるかを、エンコーダー（BERT 系）に学習させます。",
        en="Teaches an encoder (of the BERT family) which class a text belongs to.",
    ),
    config=TextClassificationConfig,
    family="text",
    inputs={"dataset": text_data(CLASSIFY), "base_model": text_encoder()},
    artifacts=(ArtifactKind.MODEL, ArtifactKind.REPORT),
    metrics=METRICS,
    stages=(
        stages.TOKENIZE,
        stages.LOAD,
        stages.TRAIN,
        stages.EVALUATE,
        stages.CHECK,
    ),
    short=Text(ja="学習", en="Train"),
    steps=(
        Step("train", Text(ja="学習", en="Train"), Text(ja="分類を学習", en="Learns the classes")),
        Step(
            "judge",
            Text(ja="評価", en="Evaluate"),
            Text(ja="評価し、保存を確認", en="Judges it, verifies the saved model"),
            since=stages.EVALUATE.name,
        ),
    ),
    charts={
        "loss": Text(ja="損失", en="Loss"),
        "f1": Text(ja="正解率と F1", en="Accuracy and F1"),
    },
    facts=("method", "rank"),
    reports={
        "ledger": Text(ja="データの内訳", en="Data breakdown"),
        "classes": Text(ja="クラスの内訳", en="Classes"),
        "evaluation": Text(ja="評価", en="Evaluation"),
    },
    trains=True,
    lane="compute",
    resumable=True,
    gpu="optional",
)
