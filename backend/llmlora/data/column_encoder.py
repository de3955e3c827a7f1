"""Rows of a table as the numbers that a model reads: gaps filled, categories spread out, numbers scaled.

Its whole state is JSON (`columns.json`), so training, the proof and a server that answers read cells in the same way. Numbers are reckoned in
64 bits and rounded once, at the end, to the 32 that every model is given.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Literal

import numpy as np
import numpy.typing as npt
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from llmlora.contracts.prediction import COLUMNS_NAME
from llmlora.data.predictor_files import PredictorFileMissingError
from llmlora.data.scalars import Scalar, class_name, number_of, truth_of

Matrix = npt.NDArray[np.float32]
Cells = Mapping[str, Sequence[Scalar]]
LARGEST = float(np.finfo(np.float32).max)

Imputation = Literal["median", "mean", "most_frequent", "zero"]
Encoding = Literal["onehot", "ordinal"]
Scaling = Literal["standard", "minmax", "none"]


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class EncodedColumn(_Frozen):
    """How one column is read. `fill`: the number that stands for a gap; `categories` in the order of their outputs; a gap in
    a column of categories is one of them where the training had gaps (`fill_category`), else none. `marks_gaps`: a further
    output says 1 where the cell was missing. Scaled: (number − `center`) / `scale`."""

    name: str
    type: Literal["number", "boolean", "category"]
    encoding: Encoding = "onehot"
    categories: tuple[str, ...] = ()
    fill: float = 0.0
    fill_category: str = ""
    center: float = 0.0
    scale: float = Field(default=1.0, gt=0)
    marks_gaps: bool = False

    @property
    def width(self) -> int:
        """Numbers that it becomes."""
        spread = len(self.categories) if self.type == "category" and self.encoding == "onehot" else 1
        return spread + self.marks_gaps

    def encode(self, cells: Sequence[Scalar]) -> npt.NDArray[np.float64]:
        """(rows,) cells → (rows, width). A category that the training has not seen is none of them (−1 where they are numbered)."""
        gaps = np.array([one is None for one in cells], dtype=np.float64)[:, None]
        if self.type == "category":
            parts = self._categories(cells)
        else:
            numbers = np.array([self._number(one) for one in cells], dtype=np.float64)[:, None]
            parts = (numbers - self.center) / self.scale
        return np.concatenate([parts, gaps], axis=1) if self.marks_gaps else parts

    def _number(self, cell: Scalar) -> float:
        number = (
            number_of(cell)
            if self.type == "number"
            else None
            if (truth := truth_of(cell)) is None
            else float(truth)
        )
        return self.fill if number is None else number

    def _categories(self, cells: Sequence[Scalar]) -> npt.NDArray[np.float64]:
        place = {name: at for at, name in enumerate(self.categories)}
        names = (self.fill_category if one is None else class_name(one) for one in cells)
        at = np.array([place.get(name, -1) for name in names])
        if self.encoding == "ordinal":
            return ((at.astype(np.float64) - self.center) / self.scale)[:, None]
        spread = np.zeros((len(at), len(self.categories)))
        known = at >= 0
        spread[np.flatnonzero(known), at[known]] = 1.0
        return spread


class ColumnEncoder(_Frozen):
    """`columns.json`: all columns that a model reads, in their order."""

    version: Literal[1] = 1
    columns: tuple[EncodedColumn, ...] = Field(min_length=1)

    @property
    def width(self) -> int:
        """Numbers of a row."""
        return sum(one.width for one in self.columns)

    @property
    def slices(self) -> dict[str, slice]:
        """By a column, which numbers of a row it becomes."""
        ends = np.cumsum([0, *(one.width for one in self.columns)])
        return {
            one.name: slice(int(begin), int(end))
            for one, (begin, end) in zip(self.columns, pairwise(ends), strict=True)
        }

    def encode(self, cells: Cells) -> Matrix:
        """Columns of cells → (rows, width)."""
        parts = [one.encode(cells[one.name]) for one in self.columns]
        return np.clip(np.concatenate(parts, axis=1), -LARGEST, LARGEST).astype(np.float32)

    def encode_rows(self, rows: Sequence[Mapping[str, Scalar]]) -> Matrix:
        """As `encode`, row by row; what a row does not name is missing."""
        return self.encode({one.name: [row.get(one.name) for row in rows] for one in self.columns})


def read_encoder(directory: Path) -> ColumnEncoder:
    """What lies beside a model.

    Raises:
        PredictorFileMissingError: nothing of the kind.
    """
    path = directory / COLUMNS_NAME
    try:
        return ColumnEncoder.model_validate_json(path.read_bytes())
    except OSError as error:
        raise PredictorFileMissingError(path=path, reason=error.strerror) from error
    except ValidationError as error:
        raise PredictorFileMissingError(path=path, reason=str(error.errors()[0]["msg"])) from error


def fit_column(
    name: str,
    type_: Literal["number", "boolean", "category"],
    cells: Sequence[Scalar],
    *,
    imputation: Imputation,
    encoding: Encoding,
    scaling: Scaling,
    most_categories: int,
    marks_gaps: bool,
) -> EncodedColumn:
    """How a column is read, by the cells of the rows that are learned from. Of more categories than `most_categories` the
    commonest are told apart."""
    has_gaps = any(one is None for one in cells)
    if type_ == "category":
        counts = Counter("" if one is None else class_name(one) for one in cells)
        kept = sorted(counts, key=lambda one: (-counts[one], one))[:most_categories]
        column = EncodedColumn(name=name, type=type_, encoding=encoding, categories=tuple(sorted(kept)))
        if encoding == "onehot":
            return column
    else:
        unfilled = EncodedColumn(name=name, type=type_, fill=float("nan"))
        numbers = unfilled.encode(cells)[:, 0]
        known = numbers[~np.isnan(numbers)]
        fill = _fill(known, "most_frequent" if type_ == "boolean" else imputation)
        column = EncodedColumn(name=name, type=type_, fill=fill, marks_gaps=marks_gaps and has_gaps)
    center, scale = _scale(column.encode(cells)[:, 0], scaling)
    return column.model_copy(update={"center": center, "scale": scale})


def _fill(known: npt.NDArray[np.float64], imputation: Imputation) -> float:
    if not len(known) or imputation == "zero":
        return 0.0
    if imputation == "most_frequent":
        values, counts = np.unique(known, return_counts=True)
        return float(values[counts.argmax()])
    return float(np.median(known) if imputation == "median" else known.mean())


def _scale(numbers: npt.NDArray[np.float64], scaling: Scaling) -> tuple[float, float]:
    if scaling == "none" or not len(numbers):
        return 0.0, 1.0
    if scaling == "minmax":
        low, spread = float(numbers.min()), float(np.ptp(numbers))
        return low, spread if spread > 0 else 1.0
    spread = float(numbers.std())
    return float(numbers.mean()), spread if spread > 0 else 1.0
