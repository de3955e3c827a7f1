"""Config of `tabular`."""

from typing import Annotated, Literal

from pydantic import Field

from llmlora.contracts.events import ArtifactKind
from llmlora.contracts.recipe import Accepts, Metric, RecipeConfig, RecipeSpec, Stage, Step, setting
from llmlora.contracts.text import Text
from llmlora.data.kinds.table.names import TABLE
from llmlora.recipes.blocks import settings, stages

Model = Literal["random_forest", "svm", "neural_network", "gradient_boosting", "linear"]


class TabularConfig(RecipeConfig):
    """Settings of one run. Those of another model than the chosen one say nothing."""

    model: Model = setting(
        "random_forest",
        group="pace",
        key=True,
        ja="モデル。ランダムフォレスト、SVM、ニューラルネットワーク、勾配ブースティング、線形モデルから選びます。",
        en="The model: random forest, support vectors, a neural network, gradient boosting, or a linear one.",
    )
    task: Literal["auto", "classification", "regression"] = setting(
        "auto",
        group="data",
        key=True,
        ja="分類か回帰か。自動（auto）では目的変数の値から決めます。",
        en="Classification or regression. auto: by the values of the target.",
    )
    cv: int = setting(
        5,
        group="watch",
        key=True,
        ge=0,
        le=20,
        ja="交差検証の分割数。0 か 1 では交差検証をしません。分類ではクラスの割合をそろえて分けます。",
        en="Folds of the cross-validation. 0 or 1: none. For classification each fold has the same share of every class.",
    )
    test_split: float = setting(
        0.2,
        group="watch",
        ge=0,
        le=0.5,
        ja="学習にも交差検証にも使わず、最後の評価のために取り分ける行の割合。0 にすると、交差検証で予測した値を評価します。",
        en="Share of the rows kept for the final evaluation, seen neither by training nor by cross-validation. 0: what the cross-validation has predicted is evaluated.",
    )
    class_weights: Literal["balanced", "none"] = setting(
        "none",
        group="data",
        ja="クラスの重み。balanced では、行の少ないクラスを重く数えます。",
        en="Weights of the classes. balanced: classes of few rows count more.",
    )
    drop_columns: list[Annotated[str, Field(max_length=1000)]] = setting(
        [],
        group="data",
        max_length=1024,
        ja="学習に使わない列の名前。",
        en="Names of columns that are not learned from.",
    )
    leaking_columns: Literal["exclude", "keep"] = setting(
        "exclude",
        group="data",
        ja="目的変数と 1 対 1 に対応する列や、行の番号らしい列の扱い。keep では学習に使います。",
        en="Columns that stand for the target one to one, or look like row numbers. keep: they are learned from.",
    )
    imputation: Literal["median", "mean", "most_frequent", "zero"] = setting(
        "median",
        group="data",
        ja="数値の欠損を何で補うか。カテゴリーの欠損は、それ自体を 1 つのカテゴリーとします。",
        en="What fills gaps among numbers. A gap among categories is a category of its own.",
    )
    missing_indicator: bool = setting(
        False,
        group="data",
        ja="数値が欠損していたかどうかも、特徴量にします。",
        en="Whether a number was missing becomes a feature, too.",
    )
    encoding: Literal["onehot", "ordinal"] = setting(
        "onehot",
        group="data",
        ja="カテゴリーの表し方。1 つずつ 0 と 1 の列にする（onehot）か、番号にする（ordinal）か。",
        en="How categories become numbers: a column of 0 and 1 each (onehot), or their number (ordinal).",
    )
    max_categories: int = setting(
        50,
        group="data",
        ge=2,
        le=200,
        ja="1 つの列で区別するカテゴリーの数の上限。多いものから残します。",
        en="Most categories of a column, the commonest first; others count as unknown.",
    )
    scaling: Literal["auto", "standard", "minmax", "none"] = setting(
        "auto",
        group="data",
        ja="数値の尺度のそろえ方。自動（auto）では、木のモデルはそのまま、ほかは平均 0、標準偏差 1 にします。",
        en="How numbers are scaled. auto: not at all for trees, else to mean 0 and standard deviation 1.",
    )
    n_estimators: int = setting(
        200, group="pace", ge=1, le=2000, ja="ランダムフォレストの木の数。", en="Trees of the random forest."
    )
    max_depth: int = setting(
        0,
        group="pace",
        ge=0,
        le=200,
        ja="木の深さの上限。0 では制限しません。",
        en="Depth of a tree. 0: no limit.",
    )
    min_samples_split: int = setting(
        2,
        group="pace",
        ge=2,
        le=10_000,
        ja="ランダムフォレストで、枝分かれに必要な行数。",
        en="Rows that a node of the random forest needs to be split.",
    )
    min_samples_leaf: int | None = setting(
        None,
        group="pace",
        ge=1,
        le=10_000,
        ja="葉に残す行数の下限。省略時は、ランダムフォレストで 1、勾配ブースティングで 20。",
        en="Rows that a leaf keeps at least. Default: 1 for the random forest, 20 for gradient boosting.",
    )
    C: float = setting(
        1.0,
        group="pace",
        gt=0,
        le=1e6,
        ja="SVM とロジスティック回帰の正則化の弱さ。大きいほど学習データに合わせます。",
        en="Inverse of the regularization of support vectors and logistic regression: larger fits the data more closely.",
    )
    kernel: Literal["rbf", "linear", "poly", "sigmoid"] = setting(
        "rbf", group="pace", ja="SVM のカーネル。", en="Kernel of the support vectors."
    )
    gamma: float | None = setting(
        None,
        group="pace",
        gt=0,
        le=1e4,
        ja="カーネルの幅の係数。省略時は 1 /（特徴量の数 × 分散）。",
        en="Coefficient of the kernel. Default: 1 / (features × variance).",
    )
    hidden_layers: list[Annotated[int, Field(ge=1, le=2048)]] = setting(
        [64],
        group="pace",
        min_length=1,
        max_length=8,
        ja="ニューラルネットワークの隠れ層の大きさ。入力に近い順に並べます。",
        en="Units of the network's hidden layers, from the input on.",
    )
    learning_rate: float | None = setting(
        None,
        group="pace",
        gt=0,
        le=10,
        ja="学習率。省略時は、勾配ブースティングで 0.1、ニューラルネットワークで 0.001。",
        en="Learning rate. Default: 0.1 for gradient boosting, 0.001 for the network.",
    )
    alpha: float | None = setting(
        None,
        group="pace",
        ge=0,
        le=1e6,
        ja="L2 正則化の強さ。省略時は、ニューラルネットワークで 0.0001、リッジ回帰で 1、勾配ブースティングで 0。",
        en="Strength of the L2 regularization. Default: 0.0001 for the network, 1 for ridge regression, 0 for gradient boosting.",
    )
    max_iter: int | None = setting(
        None,
        group="pace",
        ge=1,
        le=100_000,
        ja="反復の上限。省略時は、勾配ブースティングで 100、ニューラルネットワークで 500、線形モデルで 1000、SVM では制限なし。",
        en="Iterations at most. Default: 100 for gradient boosting, 500 for the network, 1000 for linear models, no limit for support vectors.",
    )
    early_stopping: bool = setting(
        True,
        group="watch",
        ja="勾配ブースティングとニューラルネットワークで、学習する行の 1 割で良くならなくなったら止めます。200 行未満では働きません。",
        en="Gradient boosting and the network stop when a tenth of the rows that they learn from no longer improves. Not below 200 rows.",
    )
    seed: int = settings.seed()


def _metric(name: str, ja: str, en: str, chart: str, better: Literal["up", "down"]) -> Metric:
    return Metric(f"eval/{name}", Text(ja=ja, en=en), chart, better=better, sparse=True)


METRICS = (
    Metric(
        "eval/score",
        Text(ja="スコア（マクロ F1 か R²）", en="Score (macro F1 or R²)"),
        "score",
        better="up",
        main=True,
        tile="last",
        sparse=True,
    ),
    Metric(
        "eval/accuracy", Text(ja="正解率", en="Accuracy"), "classes", better="up", tile="last", sparse=True
    ),
    _metric("f1_macro", "マクロ F1", "Macro F1", "classes", "up"),
    _metric("f1_weighted", "加重 F1", "Weighted F1", "classes", "up"),
    _metric("roc_auc", "ROC AUC", "ROC AUC", "classes", "up"),
    _metric("r2", "決定係数 R²", "R²", "score", "up"),
    _metric("rmse", "RMSE", "RMSE", "error", "down"),
    _metric("mae", "平均絶対誤差", "Mean absolute error", "error", "down"),
)

SPEC = RecipeSpec(
    name="tabular",
    title=Text(ja="表の予測", en="Tables"),
    summary=Text(
        ja="表の 1 つの列を、ほかの列から予測するモデルを学習します（分類と回帰）。",
        en="Learns to predict one column of a table from the others: classification and regression.",
    ),
    config=TabularConfig,
    family="table",
    inputs={
        "dataset": Accepts(title=Text(ja="データ", en="Data"), dataset_kinds=frozenset({TABLE})),
    },
    artifacts=(ArtifactKind.MODEL, ArtifactKind.REPORT),
    metrics=METRICS,
    stages=(
        Stage("read", Text(ja="データの読み込み", en="Reading the data"), prepares=True),
        Stage("folds", Text(ja="交差検証", en="Cross-validation")),
        Stage("fit", Text(ja="学習", en="Training")),
        stages.EVALUATE,
        stages.CHECK,
    ),
    short=Text(ja="学習", en="Train"),
    steps=(
        Step("train", Text(ja="学習", en="Train"), Text(ja="交差検証と学習", en="Cross-validates, learns")),
        Step(
            "judge",
            Text(ja="評価", en="Evaluate"),
            Text(ja="評価し、保存を確認", en="Judges it, verifies the saved model"),
            since=stages.EVALUATE.name,
        ),
    ),
    charts={
        "score": Text(ja="スコア", en="Score"),
        "classes": Text(ja="分類の指標", en="Classification"),
        "error": Text(ja="誤差", en="Error"),
    },
    facts=("model", "task"),
    reports={"evaluation": Text(ja="評価", en="Evaluation")},
    trains=True,
    lane="compute",
    resumable=True,
)
