"""What a run finds when it looks at rows that it has not learned from: figures with intervals, and where it errs.

It leaves a run twice, under one name: as the report `evaluation` (`events.Report`, the body without `outcomes`), which is small
enough for a page, and whole as an artifact of kind `report` (`evaluation.json`), which two runs over the same rows are compared by.
"""

import json
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue

from llmlora.contracts.text import Text

REPORT = "evaluation"
"""The name of the report."""
FILE = "evaluation.json"
"""The name of the artifact."""
MOST_MISTAKES = 50
MOST_CURVE_POINTS = 200
MOST_IMPORTANCES = 100


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Figure(_Part):
    """A metric over `n` rows. `low` and `high`: its interval of confidence; None where none can be given, e.g. of one row."""

    name: str
    title: Text
    value: float
    low: float | None = None
    high: float | None = None
    n: int = Field(ge=0)
    better: Literal["up", "down"] = "up"


class Baseline(_Part):
    """What one has without any training, by the same metrics in the same order, e.g. the commonest class for every row."""

    name: str
    title: Text
    figures: tuple[Figure, ...]


class ClassFigures(_Part):
    """One class. `support`: rows that are of it; `predicted`: rows that were taken for it. `f1` with its interval."""

    label: str
    precision: float
    recall: float
    f1: Figure
    support: int = Field(ge=0)
    predicted: int = Field(ge=0)


class Confusion(_Part):
    """`counts[i][j]`: rows of class `labels[i]` that were taken for `labels[j]`. Of rows with one class each."""

    labels: tuple[str, ...]
    counts: tuple[tuple[int, ...], ...]


class Curve(_Part):
    """Points (x, y) of a line, in the order in which it is drawn; at most `MOST_CURVE_POINTS`."""

    name: str
    title: Text
    x: Text
    y: Text
    points: tuple[tuple[float, float], ...]


class Importance(_Part):
    """How much worse a figure becomes when the cells of one input are shuffled among the rows (Breiman 2001): the mean of some
    shuffles, and the smallest and the largest of them."""

    name: str
    value: float
    low: float
    high: float


class Importances(_Part):
    """The inputs of a model, the most important first. `figure`: the metric that is compared; `repeats`: shuffles of each."""

    figure: Text
    repeats: int = Field(ge=1)
    inputs: tuple[Importance, ...] = Field(max_length=MOST_IMPORTANCES)


class Outcome(_Part):
    """One row: what it is and what it was taken for. `confidence`: of the prediction, 0 to 1."""

    row: int
    expected: tuple[str, ...]
    predicted: tuple[str, ...]
    confidence: float
    correct: bool


class Mistake(_Part):
    """A row that was taken for something else, the most confident first. `example`: as its kind shows it (`Family.shown`)."""

    outcome: Outcome
    example: dict[str, JsonValue]


class Evaluation(_Part):
    """All of it. `kind`: of the data, whose preview draws the examples; `rows`: how many were held out; `labels` in the order
    of the model's outputs. `confidence_level` and `resamples`: of the bootstrap (Efron 1979), percentiles, drawn with `seed`.
    `several`: a row may be of several classes, or of none; there is no confusion matrix then. Where an amount is predicted there
    are no labels, and none of what is told by class.
    """

    version: Literal[1] = 1
    kind: str
    dataset_id: str
    dataset_sha256: str
    rows: int = Field(ge=0)
    labels: tuple[str, ...]
    several: bool = False
    seed: int
    confidence_level: float = 0.95
    resamples: int
    figures: tuple[Figure, ...]
    baseline: Baseline | None = None
    classes: tuple[ClassFigures, ...] = ()
    confusion: Confusion | None = None
    curves: tuple[Curve, ...] = ()
    importances: Importances | None = None
    mistakes: tuple[Mistake, ...] = Field(default=(), max_length=MOST_MISTAKES)
    outcomes: tuple[Outcome, ...] = ()

    def report(self) -> dict[str, JsonValue]:
        """The body of the report `evaluation`."""
        found: dict[str, JsonValue] = json.loads(self.model_dump_json(exclude={"outcomes"}))
        return found


def read_evaluation(path: Path) -> Evaluation:
    """The artifact's file.

    Raises:
        OSError: it cannot be read.
        ValueError: it is none.
    """
    return Evaluation.model_validate_json(path.read_bytes())
