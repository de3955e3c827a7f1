"""What a model that predicts takes and answers, typed by what goes in, and the files that tell so beside its weights.

A trained model that predicts is a directory: `model.safetensors`, `config.json`, tokenizer files, `HEAD_NAME` with a `Head`, and
`HELD_NAME` with `HeldItems`, which a deployment is proved with.
"""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from llmlora.kit.typed import Typed

HEAD_NAME = "head.json"
HELD_NAME = "held_items.json"
MOST_ITEMS = 64
"""Of one request."""
LONGEST_TEXT = 20_000
"""Characters of one item."""

InputType = Literal["text"]
"""What a model that predicts can take; each has a shape of `Item` here and a component of the playground."""


class TextItem(Typed):
    """A text that is asked about."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    type: Literal["text"]
    text: str = Field(min_length=1, max_length=LONGEST_TEXT, pattern=r"\S")


Item = TextItem
"""One thing that is asked about; a union by `type` as soon as there are more."""
Label = Annotated[str, Field(min_length=1, max_length=200)]


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Head(_Frozen):
    """`head.json`: what the outputs of a model mean. `labels` stand in the order of its logits; `max_length`: tokens beyond
    which a text is cut, in training as in use; `threshold`: the share from which one of several labels is meant."""

    version: Literal[1] = 1
    input: InputType = "text"
    task: Literal["single_label", "multi_label"]
    labels: tuple[Label, ...] = Field(min_length=2, max_length=1000)
    max_length: int = Field(ge=1, le=1_048_576)
    threshold: float = Field(default=0.5, gt=0, lt=1)


class HeldItems(_Frozen):
    """`held_items.json`: rows that were not trained."""

    items: tuple[Item, ...] = Field(min_length=1, max_length=MOST_ITEMS)


class LabelScore(_Frozen):
    """A label and its share of 1; `is_chosen`: the model means it."""

    label: str
    score: float
    is_chosen: bool


class Outcome(_Frozen):
    """What a model says of one item. `logits` in the order of its head's labels, `input_ids` what it has read, `labels` the
    likeliest first; `is_cut`: it was longer than the model reads."""

    labels: tuple[LabelScore, ...]
    logits: tuple[float, ...]
    input_ids: tuple[int, ...]
    is_cut: bool


class PredictionRequest(Typed):
    """Items that a model is asked about at once."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    items: list[Item] = Field(min_length=1, max_length=MOST_ITEMS)


class PredictionAnswer(_Frozen):
    """An outcome for each item, in their order; `model_sha256` names the very file that has answered, and `took_ms` is its
    time without the way there."""

    outcomes: tuple[Outcome, ...]
    model_sha256: str
    took_ms: float
