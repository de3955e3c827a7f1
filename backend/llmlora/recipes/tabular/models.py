"""The estimators of scikit-learn by the settings, fitted over some of the rows."""

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from sklearn.calibration import CalibratedClassifierCV
from sklearn.ensemble import (
    HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
    RandomForestClassifier,
    RandomForestRegressor,
)
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.svm import SVC, SVR
from sklearn.utils.class_weight import compute_sample_weight
from threadpoolctl import threadpool_limits

from llmlora.data.column_encoder import ColumnEncoder, Matrix, Scaling, fit_column
from llmlora.data.scalars import Scalar
from llmlora.kit.errors import InvalidInputError
from llmlora.recipes.blocks.columns.predictor import outputs_of
from llmlora.recipes.tabular.rows import Rows
from llmlora.recipes.tabular.spec import TabularConfig

CALIBRATION_FOLDS = 5
FEWEST_ROWS_TO_STOP_EARLY = 200
TREES = ("random_forest", "gradient_boosting")
SCALES_AMOUNT = ("svm", "neural_network")
"""Models whose loss expects amounts around 0 that are about 1 large."""
Indices = npt.NDArray[np.int64]


class ClassTooSmallError(InvalidInputError):
    """Probabilities of support vectors are fitted on rows that were left out, of every class."""

    code = "table_class_too_small"
    ja = "クラス「{name}」の学習用の行が {rows} 行しかありません。SVM では、各クラスに 2 行以上が必要です。行を増やすか、ほかのモデルを選んでください。"
    en = "The class “{name}” has only {rows} row to learn from. Support vectors need two of each. Add rows, or choose another model."


@dataclass(frozen=True)
class Fitted:
    """A model and how it reads cells. `center`, `scale`: of the amount that it gives; 0 and 1 for classes. `converged`: False
    where it stopped at its last iteration."""

    encoder: ColumnEncoder
    estimator: Any
    center: float
    scale: float
    converged: bool

    def outputs(self, cells: Mapping[str, Sequence[Scalar]], labels: int) -> npt.NDArray[np.float64]:
        """As `outputs_of_numbers`, of cells."""
        return self.outputs_of_numbers(self.encoder.encode(cells), labels)

    def outputs_of_numbers(self, numbers: Matrix, labels: int) -> npt.NDArray[np.float64]:
        """(rows, width) → probabilities (rows, labels), or amounts (rows, 1) where `labels` is 0. A class that was not
        among the rows that were learned from has probability 0."""
        found = outputs_of(self.estimator, numbers, center=self.center, scale=self.scale)
        if not labels or found.shape[1] == labels:
            return found
        spread = np.zeros((len(found), labels))
        spread[:, self.estimator.classes_] = found
        return spread


def fit(config: TabularConfig, rows: Rows, at: Indices, threads: int) -> Fitted:
    """Learn from the rows `at` these places: encoder and model see nothing else.

    Raises:
        ClassTooSmallError: support vectors with a class of one row.
    """
    cells = rows.cells(at)
    encoder = _encoder(config, rows, cells)
    numbers, targets = encoder.encode(cells), rows.targets[at]
    center, scale = 0.0, 1.0
    if not rows.is_classification and config.model in SCALES_AMOUNT:
        center, scale = float(targets.mean()), float(targets.std()) or 1.0
        targets = (targets - center) / scale
    weights = None
    if rows.is_classification and config.class_weights == "balanced":
        weights = compute_sample_weight("balanced", targets)
    estimator = _estimator(config, rows, targets, threads)
    with warnings.catch_warnings(record=True) as told, threadpool_limits(threads):
        warnings.simplefilter("always")
        if weights is None:
            estimator.fit(numbers, targets)
        else:
            estimator.fit(numbers, targets, sample_weight=weights)
    converged = not any(issubclass(one.category, ConvergenceWarning) for one in told)
    return Fitted(encoder, estimator, center, scale, converged)


def _encoder(config: TabularConfig, rows: Rows, cells: Mapping[str, Sequence[Scalar]]) -> ColumnEncoder:
    usual: Scaling = "none" if config.model in TREES else "standard"
    scaling: Scaling = usual if config.scaling == "auto" else config.scaling
    return ColumnEncoder(
        columns=tuple(
            fit_column(
                one.name,
                one.type,  # type: ignore[arg-type] # the others were left out
                cells[one.name],
                imputation=config.imputation,
                encoding=config.encoding,
                scaling=scaling,
                most_categories=config.max_categories,
                marks_gaps=config.missing_indicator,
            )
            for one in rows.columns
        )
    )


def _estimator(config: TabularConfig, rows: Rows, targets: npt.NDArray[Any], threads: int) -> Any:
    make = {
        "random_forest": _random_forest,
        "gradient_boosting": _gradient_boosting,
        "svm": _support_vectors,
        "neural_network": _neural_network,
        "linear": _linear,
    }[config.model]
    return make(config, rows, targets, threads)


def _random_forest(config: TabularConfig, rows: Rows, _targets: npt.NDArray[Any], threads: int) -> Any:
    make = RandomForestClassifier if rows.is_classification else RandomForestRegressor
    return make(
        n_estimators=config.n_estimators,
        max_depth=config.max_depth or None,
        min_samples_split=config.min_samples_split,
        min_samples_leaf=config.min_samples_leaf or 1,
        random_state=config.seed,
        n_jobs=threads,
    )


def _gradient_boosting(config: TabularConfig, rows: Rows, targets: npt.NDArray[Any], _threads: int) -> Any:
    make = HistGradientBoostingClassifier if rows.is_classification else HistGradientBoostingRegressor
    return make(
        learning_rate=config.learning_rate or 0.1,
        max_iter=config.max_iter or 100,
        max_depth=config.max_depth or None,
        min_samples_leaf=config.min_samples_leaf or 20,
        l2_regularization=config.alpha or 0.0,
        early_stopping=_stops_early(config, rows, targets),
        random_state=config.seed,
    )


def _support_vectors(config: TabularConfig, rows: Rows, targets: npt.NDArray[Any], _threads: int) -> Any:
    gamma = "scale" if config.gamma is None else config.gamma
    limit = -1 if config.max_iter is None else config.max_iter
    if not rows.is_classification:
        return SVR(C=config.C, kernel=config.kernel, gamma=gamma, max_iter=limit)
    counts = np.bincount(targets, minlength=len(rows.labels))
    smallest = int(min(count for count in counts if count))
    if smallest < 2:
        name = rows.labels[int(np.flatnonzero(counts == smallest)[0])]
        raise ClassTooSmallError(name=name, rows=smallest)
    machine = SVC(C=config.C, kernel=config.kernel, gamma=gamma, max_iter=limit, random_state=config.seed)
    return CalibratedClassifierCV(machine, ensemble=False, cv=min(CALIBRATION_FOLDS, smallest))


def _neural_network(config: TabularConfig, rows: Rows, targets: npt.NDArray[Any], _threads: int) -> Any:
    make = MLPClassifier if rows.is_classification else MLPRegressor
    return make(
        hidden_layer_sizes=tuple(config.hidden_layers),
        alpha=1e-4 if config.alpha is None else config.alpha,
        learning_rate_init=config.learning_rate or 1e-3,
        max_iter=config.max_iter or 500,
        early_stopping=_stops_early(config, rows, targets),
        random_state=config.seed,
    )


def _linear(config: TabularConfig, rows: Rows, _targets: npt.NDArray[Any], _threads: int) -> Any:
    limit = config.max_iter or 1000
    if rows.is_classification:
        return LogisticRegression(C=config.C, max_iter=limit)
    return Ridge(alpha=1.0 if config.alpha is None else config.alpha, max_iter=limit)


def _stops_early(config: TabularConfig, rows: Rows, targets: npt.NDArray[Any]) -> bool:
    """Each class has to have a row on both sides."""
    if not config.early_stopping or len(targets) < FEWEST_ROWS_TO_STOP_EARLY:
        return False
    return not rows.is_classification or int(np.bincount(targets).min(initial=2)) >= 2
