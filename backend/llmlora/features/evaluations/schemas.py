"""Evaluations as the wire shows them."""

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict

from llmlora.contracts.evaluation import (
    Baseline,
    ClassFigures,
    Confusion,
    Curve,
    Figure,
    Importances,
    Mistake,
    Outcome,
)
from llmlora.contracts.text import Text
from llmlora.kit.web.pages import Page


class _Shape(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class EvaluationOut(_Shape):
    """An evaluation of a list. `dataset_id` null: the data set has been deleted."""

    id: str
    job_id: str
    job_name: str
    recipe: str
    kind: str
    dataset_id: str | None
    dataset_name: str | None
    dataset_sha256: str
    rows: int
    figures: tuple[Figure, ...]
    created_at: datetime


class EvaluationDetail(EvaluationOut):
    """One evaluation with all that its page shows. `several`: a row may be of several classes, or of none."""

    labels: tuple[str, ...]
    several: bool
    confidence_level: float
    resamples: int
    baseline: Baseline | None
    classes: tuple[ClassFigures, ...]
    confusion: Confusion | None
    curves: tuple[Curve, ...]
    importances: Importances | None = None
    mistakes: tuple[Mistake, ...]


class EvaluationList(Page[EvaluationOut]):
    """One page of evaluations."""


class OutcomePage(_Shape):
    """Rows that match, in their order; `total`: how many there are in all."""

    data: tuple[Outcome, ...]
    total: int


class Difference(_Shape):
    """A metric of both. `difference`: the first less the other; `low` and `high`: its interval over the same rows, null where
    the metric cannot be told from the outcomes of the rows, or the rows are not the same. `verdict`: `first` or `other`, which
    is the better one beyond chance; `open`: the interval holds 0; null without an interval."""

    name: str
    title: Text
    better: Literal["up", "down"]
    first: float
    other: float
    difference: float
    low: float | None
    high: float | None
    verdict: Literal["first", "other", "open"] | None


class EvaluationComparison(_Shape):
    """Two evaluations. `shared_rows`: rows that both have judged, by the same data set's numbers; `is_same`: those are all rows
    of both. `both_right`, `only_first`, `only_other`, `both_wrong`: of the shared ones."""

    first: EvaluationOut
    other: EvaluationOut
    shared_rows: int
    is_same: bool
    confidence_level: float
    resamples: int
    differences: tuple[Difference, ...]
    both_right: int
    only_first: int
    only_other: int
    both_wrong: int
