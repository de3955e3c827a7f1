"""Good beginnings for a table."""

from pydantic import JsonValue

from llmlora.contracts.plan import Plan, Preset, PresetFacts
from llmlora.contracts.text import Text

QUICK: dict[str, JsonValue] = {"model": "linear", "cv": 3}
BALANCED: dict[str, JsonValue] = {"model": "random_forest", "cv": 5}
THOROUGH: dict[str, JsonValue] = {
    "model": "gradient_boosting",
    "cv": 10,
    "max_iter": 400,
    "learning_rate": 0.05,
}
PRESETS = (
    Preset(
        name="quick",
        title=Text(ja="ためす", en="Quick look"),
        summary=Text(
            ja="線形モデルを学習し、列の読み取り方と、単純なモデルでの成績を確かめます。",
            en="A linear model, to see how the columns are read and what a simple model reaches.",
        ),
        values=QUICK,
    ),
    Preset(
        name="balanced",
        title=Text(ja="ほどよく", en="Balanced"),
        summary=Text(
            ja="ランダムフォレストを 5 分割の交差検証で確かめます。多くの表で調整なしに働きます。",
            en="A random forest, cross-validated in five folds. It does well on most tables without tuning.",
        ),
        values=BALANCED,
        first=True,
    ),
    Preset(
        name="thorough",
        title=Text(ja="じっくり", en="Thorough"),
        summary=Text(
            ja="勾配ブースティングを小さな学習率で学習し、10 分割で確かめます。数百行以上の表に向きます。",
            en="Gradient boosting at a low learning rate, in ten folds. For tables of some hundred rows and more.",
        ),
        values=THOROUGH,
    ),
)


def presets(_facts: PresetFacts) -> tuple[Preset, ...]:
    """Three beginnings."""
    return PRESETS


PLAN = Plan(presets=presets)
