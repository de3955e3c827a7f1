"""Config of `text_classification`."""

from typing import Literal, Self

from pydantic import model_validator

from llmlora.contracts.events import ArtifactKind
from llmlora.contracts.recipe import BatchSize, Metric, RecipeConfig, RecipeSpec, Step, setting
from llmlora.contracts.text import Text
from llmlora.data.kinds.text_classify.names import CLASSIFY
from llmlora.kit.validation import goes_not_together
from llmlora.recipes.blocks import curves, settings, stages
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
    rank: int = settings.rank(16)
    alpha: float | None = settings.alpha()
    dropout: float = settings.dropout(0.05)
    target_modules: list[str] | None = settings.target_modules(
        ja="LoRA を付ける線形層の名前。省略時はエンコーダーのすべての線形層。",
        en="Names of the linear layers that get LoRA. Default: all linear layers of the encoder.",
    )
    rslora: bool = settings.rslora()
    dora: bool = settings.dora()
    learning_rate: float | None = settings.learning_rate(
        None,
        ja="学習率の最大値。省略時は LoRA で 0.001、すべての重みを学習するときは 0.00005。",
        en="Peak learning rate. Default: 0.001 with LoRA, 0.00005 where all weights learn.",
    )
    schedule: settings.Schedule = settings.schedule("linear")
    warmup_ratio: float = settings.warmup_ratio(0.06)
    epochs: float = settings.epochs(10.0)
    max_steps: int | None = settings.max_steps()
    batch_size: BatchSize = settings.batch_size(
        USUAL_BATCH,
        ja="一度に計算する行数。自動（auto）では、メモリに収まる最大の数にします。",
        en="Rows per forward pass. auto: as many as fit in memory.",
    )
    effective_batch_size: int | None = settings.effective_batch_size(USUAL_BATCH)
    gradient_accumulation: int = settings.gradient_accumulation()
    max_length: int | None = settings.max_length(
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
    weight_decay: float = settings.weight_decay(0.01)
    clip_norm: float = settings.clip_norm()
    seed: int = settings.seed()
    precision: settings.Precision = settings.precision()
    test_split: float = setting(
        0.2,
        group="watch",
        ge=0,
        le=0.5,
        ja="学習にも早期終了にも使わず、最後の評価のために取り分ける行の割合。クラスごとに同じ割合で取り分けます。",
        en="Share of the rows kept for the final evaluation, used neither for training nor for early stopping; the same share of every class.",
    )
    eval_split: float = settings.eval_split(
        0.1,
        ja="学習の途中の評価と早期終了のために取り分ける行の割合。",
        en="Share of the rows held out for the evaluations during training, and for early stopping.",
    )
    eval_interval: int | None = settings.eval_interval()
    early_stopping_metric: Literal["eval_macro_f1", "eval_micro_f1", "eval_loss"] = (
        settings.early_stopping_metric("eval_macro_f1")
    )
    early_stopping_patience: int | None = settings.early_stopping_patience(
        5,
        ja="評価が続けて何回良くならなければ学習を止めるか。空欄なら止めません。",
        en="Evaluations without improvement after which training stops. Empty: never.",
    )
    checkpoint_interval: int = settings.checkpoint_interval()
    keep_checkpoints: int = settings.keep_checkpoints()

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
        return settings.effective_alpha(self.alpha, self.rank)

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
