"""What a model that predicts takes and answers, typed by what goes in, and the files that tell so beside its weights.

A trained model that predicts is a directory: its weights, the files that say how what goes in is read (of texts a tokenizer, of columns
`columns.json`), `HEAD_NAME` with a `Head`, and `HELD_NAME` with `HeldItems`, which a deployment is proved with.
"""

from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from llmlora.kit.typed import Typed

HEAD_NAME = "head.json"
HELD_NAME = "held_items.json"
COLUMNS_NAME = "columns.json"
MOST_ITEMS = 64
"""Of one request."""
LONGEST_TEXT = 20_000
"""Characters of one item."""

MOST_COLUMNS = 1024
LONGEST_CELL = 1000
"""Characters of a cell."""
MOST_CHOICES = 200
"""Categories of a column that a form offers."""

InputType = Literal["text", "columns"]
"""What a model that predicts can take; each has a shape of `Item` here and a component of the playground."""


PredictionTask = Literal["single_label", "multi_label", "number"]
"""One label is right, several may be, or an amount is predicted."""


class TextItem(Typed):
    """A text that is asked about."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    type: Literal["text"]
    text: str = Field(min_length=1, max_length=LONGEST_TEXT, pattern=r"\S")


Cell = (
    bool
    | Annotated[float, Field(allow_inf_nan=False)]
    | Annotated[str, Field(max_length=LONGEST_CELL)]
    | None
)
"""A cell as a person or a program writes it; null: missing."""


class ColumnsItem(BaseModel):
    """A row of a table that is asked about: its cells by their columns. A column that it does not name is missing."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    type: Literal["columns"]
    columns: dict[Annotated[str, Field(max_length=LONGEST_CELL)], Cell] = Field(
        min_length=1, max_length=MOST_COLUMNS
    )


Item = Annotated[TextItem | ColumnsItem, Field(discriminator="type")]
"""One thing that is asked about."""
Label = Annotated[str, Field(min_length=1, max_length=200)]


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class ColumnField(_Frozen):
    """A column that a model reads, as a form shows it. `choices`: the categories that it has learned; `example`: a usual cell."""

    name: str = Field(max_length=LONGEST_CELL)
    type: Literal["number", "boolean", "category"]
    choices: tuple[str, ...] = Field(default=(), max_length=MOST_CHOICES)
    example: Cell = None


class Head(_Frozen):
    """`head.json`: what the outputs of a model mean. `labels` stand in the order of its outputs: logits of texts, probabilities
    of columns; where a `number` is predicted there are none. `max_length`: tokens beyond which a text is cut, in training as
    in use; `threshold`: the share from which one of several labels is meant; `columns`: what is read of a row; `target`: what is predicted."""

    version: Literal[1] = 1
    input: InputType = "text"
    task: PredictionTask
    labels: tuple[Label, ...] = Field(max_length=1000)
    max_length: int = Field(default=1, ge=1, le=1_048_576)
    threshold: float = Field(default=0.5, gt=0, lt=1)
    columns: tuple[ColumnField, ...] = Field(default=(), max_length=MOST_COLUMNS)
    target: str = Field(default="", max_length=LONGEST_CELL)

    @model_validator(mode="after")
    def _names_its_outputs(self) -> Self:
        if (len(self.labels) < 2) != (self.task == "number") or (self.task == "number" and self.labels):
            raise ValueError("two labels or more are needed, and none where a number is predicted")
        return self


class HeldItems(_Frozen):
    """`held_items.json`: rows that were not trained."""

    items: tuple[Item, ...] = Field(min_length=1, max_length=MOST_ITEMS)


class LabelScore(_Frozen):
    """A label and its share of 1; `is_chosen`: the model means it."""

    label: str
    score: float
    is_chosen: bool


class Outcome(_Frozen):
    """What a model says of one item. `logits`: its outputs in the order of its head's labels (of columns probabilities, or the one
    amount); `input_ids`: what it has read of a text; `labels` the likeliest first; `number`: where it predicts one; `is_cut`: it was
    longer than the model reads."""

    labels: tuple[LabelScore, ...]
    logits: tuple[float, ...]
    input_ids: tuple[int, ...] = ()
    is_cut: bool = False
    number: float | None = None


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
