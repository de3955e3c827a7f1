"""A trained model of columns as it was trained: scikit-learn, `columns.json` and the head that were saved with it."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from llmlora.contracts.prediction import HELD_NAME, ColumnsItem, Head, HeldItems
from llmlora.data.column_encoder import ColumnEncoder, Matrix, read_encoder
from llmlora.data.predictor_files import PredictorFileMissingError, read_head
from llmlora.kit.errors import InvalidInputError
from llmlora.recipes.blocks.columns.trusted import load_model

AMOUNT_NAME = "amount.json"
Floats = npt.NDArray[np.float64]
Shape = TypeVar("Shape", bound=BaseModel)


class ClassesDifferError(InvalidInputError):
    """The model has other classes than its head names."""

    code = "model_classes_differ"
    ja = "{path} のモデルのクラスは {found} 個ですが、head.json には {expected} 個あります。別のクラスの名前で答えてしまうため、使いません。学習をやり直してください。"
    en = "The model in {path} has {found} classes, but head.json names {expected}. It would answer with the names of other classes, so it is not used. Train it again."


class Amount(BaseModel):
    """`amount.json`: how what a regressor gives becomes an amount."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    center: float = 0.0
    scale: float = Field(default=1.0, gt=0)


@dataclass(frozen=True)
class ColumnsPredictor:
    """A model of columns, whole."""

    estimator: Any
    encoder: ColumnEncoder
    head: Head
    amount: Amount
    held: tuple[ColumnsItem, ...]

    def numbers(self, items: Sequence[ColumnsItem]) -> Matrix:
        """What the model reads of them."""
        return self.encoder.encode_rows([one.columns for one in items])

    def outputs(self, items: Sequence[ColumnsItem]) -> Floats:
        """(items, labels) probabilities, or (items, 1) amounts."""
        return outputs_of(
            self.estimator, self.numbers(items), center=self.amount.center, scale=self.amount.scale
        )


def outputs_of(estimator: Any, numbers: Matrix, *, center: float = 0.0, scale: float = 1.0) -> Floats:
    """Probabilities of the classes it knows (rows, classes), or its amounts (rows, 1)."""
    if hasattr(estimator, "classes_"):
        return np.asarray(estimator.predict_proba(numbers), dtype=np.float64)
    return np.asarray(estimator.predict(numbers), dtype=np.float64).reshape(-1, 1) * scale + center


def load_columns_predictor(directory: Path) -> ColumnsPredictor:
    """What a training has left, whole.

    Raises:
        ModelUntrustedError, ModelUnreadableError: `model.skops` is not ours, or damaged.
        PredictorFileMissingError: a file beside it is missing.
        ClassesDifferError: its classes are not those of the head.
    """
    head, encoder = read_head(directory), read_encoder(directory)
    estimator = load_model(directory)
    found = len(estimator.classes_) if hasattr(estimator, "classes_") else 0
    if found != len(head.labels) or (found and list(estimator.classes_) != list(range(found))):
        raise ClassesDifferError(path=directory, found=found, expected=len(head.labels))
    held = _read(directory / HELD_NAME, HeldItems).items
    columns = tuple(one for one in held if isinstance(one, ColumnsItem))
    return ColumnsPredictor(estimator, encoder, head, _read(directory / AMOUNT_NAME, Amount), columns)


def _read(path: Path, shape: type[Shape]) -> Shape:
    try:
        return shape.model_validate_json(path.read_bytes())
    except OSError as error:
        raise PredictorFileMissingError(path=path, reason=error.strerror) from error
    except ValidationError as error:
        raise PredictorFileMissingError(path=path, reason=str(error.errors()[0]["msg"])) from error
