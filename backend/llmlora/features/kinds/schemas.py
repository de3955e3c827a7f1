"""What goes over the wire about kinds of data."""

from pydantic import BaseModel, ConfigDict

from llmlora.contracts.dataset import DatasetKind
from llmlora.features.recipes.schemas import Words


class _Shape(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class LayoutOut(_Shape):
    """One way in which columns make a kind, by the canonical names of its fields."""

    required: list[str]
    optional: list[str]


class KindOut(_Shape):
    """A kind of data. `title`: what a sentence calls it; `has_tokens`: its rows can be shown and counted as the tokens of
    a text model; `media`: types of files that its rows can show; `layouts`: the ways in which columns make it."""

    name: DatasetKind
    title: Words
    has_tokens: bool
    media: list[str]
    layouts: list[LayoutOut]
