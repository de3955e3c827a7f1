"""A recipe that somebody else wrote: it learns the mean of each colour from the photos of `colours.photo`."""

from llmlora.contracts.events import ArtifactKind
from llmlora.contracts.recipe import Accepts, Metric, RecipeConfig, RecipeSpec, Stage, setting
from llmlora.contracts.text import Text


class MeanColourConfig(RecipeConfig):
    """How long, and how far at a time."""

    passes: int = setting(
        8, ge=1, le=1000, group="pace", key=True, ja="写真を見る回数。", en="Passes over the photos."
    )
    reach: float = setting(
        0.5, gt=0, le=1, group="pace", key=True, ja="1 回に近づく割合。", en="Share of the way at a time."
    )
    space: str = setting("rgb", min_length=1, max_length=16, ja="色の表し方。", en="How colours are written.")


SPEC = RecipeSpec(
    name="mean_colour",
    title=Text(ja="色の平均", en="Mean colour"),
    summary=Text(ja="写真から、色の平均を覚えます。", en="Learns the mean of each colour from photos."),
    config=MeanColourConfig,
    family="colours",
    inputs={
        "dataset": Accepts(title=Text(ja="写真", en="Photos"), dataset_kinds=frozenset({"colours.photo"}))
    },
    artifacts=(ArtifactKind.REPORT,),
    metrics=(
        Metric("colour/distance", Text(ja="色の距離", en="Distance of colours"), "distance", better="down", main=True, tile="last"),
        Metric("colour/spread", Text(ja="色の広がり", en="Spread of colours"), "spread", tile="peak"),
    ),
    stages=(
        Stage("look", Text(ja="写真の確認", en="Looking at photos"), prepares=True),
        Stage("blend", Text(ja="色を混ぜています", en="Blending")),
    ),
    short=Text(ja="配色", en="Blend"),
    facts=("passes",),
    reports={"palette": Text(ja="パレット", en="Palette")},
    trains=True,
)  # fmt: skip
