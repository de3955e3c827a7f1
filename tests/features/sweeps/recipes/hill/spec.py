"""A recipe of a test's own: the height of a hill, in no time."""

from typing import Literal

from llmlora.contracts.events import ArtifactKind
from llmlora.contracts.recipe import Metric, RecipeConfig, RecipeSpec, Stage, setting
from llmlora.contracts.text import Text


class HillConfig(RecipeConfig):
    """Where one stands."""

    x: float = setting(0.0, ge=-5, le=5, ja="東。", en="East.")
    y: float = setting(0.0, ge=-5, le=5, ja="北。", en="North.")
    rate: float = setting(1e-3, gt=0, le=1, ja="割合。", en="Rate.")
    layers: int = setting(1, ge=1, le=8, ja="層。", en="Layers.")
    way: Literal["straight", "curved"] = setting("straight", ja="道。", en="Way.")
    steps: int = setting(3, ge=1, le=1000, ja="歩数。", en="Steps.")
    pause_s: float = setting(0.0, ge=0, le=60, ja="歩く前に待つ秒数。", en="Seconds before each step.")
    stumble: bool = setting(False, ja="転ぶ。", en="Fail.")


SPEC = RecipeSpec(
    name="hill",
    title=Text(ja="丘", en="Hill"),
    summary=Text(ja="丘の高さを測ります。", en="Measures the height of a hill."),
    config=HillConfig,
    family="hills",
    artifacts=(ArtifactKind.MODEL,),
    metrics=(
        Metric("hill/height", Text(ja="高さ", en="Height"), "height", better="down", main=True),
        Metric("hill/cost", Text(ja="費用", en="Cost"), "cost", better="up"),
    ),
    stages=(Stage("walk", Text(ja="歩いています", en="Walking")),),
    trains=True,
)
