"""How good predictions are, by the names of scikit-learn's scorers, with intervals by the bootstrap.

All figures are sums over rows, so a resample is a weight for every row (how often it was drawn) and a block of them is a product of
matrices. Intervals: percentiles of 1,000 resamples (Efron 1979). ROC AUC: the mean over the classes, each against the rest,
of the share of pairs that stand in the right order (Hanley and McNeil 1982), ties by half.
"""

from collections.abc import Callable, Iterator

import numpy as np
import numpy.typing as npt

from llmlora.contracts.evaluation import MOST_CURVE_POINTS, Curve, Figure
from llmlora.contracts.text import Text

Floats = npt.NDArray[np.float64]
Weighted = Callable[[Floats], dict[str, Floats]]
RESAMPLES, LEVEL, BLOCK = 1000, 0.95, 2_000_000
BINS = 10
TITLES = {
    "accuracy": Text(ja="正解率", en="Accuracy"),
    "f1_macro": Text(ja="マクロ F1", en="Macro F1"),
    "f1_weighted": Text(ja="加重 F1", en="Weighted F1"),
    "roc_auc": Text(ja="ROC AUC", en="ROC AUC"),
    "r2": Text(ja="決定係数 R²", en="R²"),
    "rmse": Text(ja="RMSE", en="RMSE"),
    "mae": Text(ja="平均絶対誤差", en="Mean absolute error"),
}
SMALLER_IS_BETTER = frozenset({"rmse", "mae"})


def scores(targets: npt.NDArray[np.generic], outputs: Floats, labels: int) -> dict[str, float]:
    """All figures, and `score`, the one that decides: macro F1, or R². `outputs`: (N, labels) or (N, 1)."""
    found = _weighted(targets, outputs, labels)(np.ones((1, len(targets))))
    named = {name: float(values[0]) for name, values in found.items() if np.isfinite(values[0])}
    main = named.get("f1_macro" if labels else "r2")
    return named if main is None else {"score": main, **named}


def figures(targets: npt.NDArray[np.generic], outputs: Floats, labels: int, seed: int) -> tuple[Figure, ...]:
    """The same with intervals; a figure that cannot be told of these rows (ROC AUC of one class) is left out."""
    weighted, rows = _weighted(targets, outputs, labels), len(targets)
    whole = weighted(np.ones((1, rows)))
    drawn: dict[str, list[Floats]] = {name: [] for name in whole}
    for weights in _resamples(rows, seed):
        for name, values in weighted(weights).items():
            drawn[name].append(values)
    told = []
    for name, value in whole.items():
        if not np.isfinite(value[0]):
            continue
        low, high = _ends(np.concatenate(drawn[name])) if rows > 1 else (None, None)
        told.append(
            Figure(
                name=name,
                title=TITLES[name],
                value=float(value[0]),
                low=low,
                high=high,
                n=rows,
                better="down" if name in SMALLER_IS_BETTER else "up",
            )
        )
    return tuple(told)


def class_intervals(
    targets: npt.NDArray[np.generic], outputs: Floats, labels: int, seed: int
) -> list[tuple[float, float | None, float | None]]:
    """F1 of every class with its interval."""
    expected, predicted = _marks(targets, outputs, labels)
    whole = _class_f1(expected, predicted, np.ones((1, len(targets))))[0][0]
    drawn = np.concatenate([_class_f1(expected, predicted, one)[0] for one in _resamples(len(targets), seed)])
    ends = [_ends(drawn[:, at]) for at in range(labels)]
    return [(float(np.nan_to_num(whole[at])), *ends[at]) for at in range(labels)]


def calibration_curve(targets: npt.NDArray[np.generic], outputs: Floats) -> Curve:
    """How often the model is right by how sure it was (Guo et al. 2017), in bins of about as many rows each."""
    sure, right = outputs.max(axis=1), outputs.argmax(axis=1) == targets
    order = np.argsort(sure, kind="stable")
    bins = [one for one in np.array_split(order, min(BINS, len(order))) if len(one)]
    return Curve(
        name="calibration",
        title=Text(ja="確信度の較正", en="Calibration"),
        x=Text(ja="平均の確信度", en="Mean confidence"),
        y=Text(ja="正解率", en="Accuracy"),
        points=tuple((float(sure[one].mean()), float(right[one].mean())) for one in bins),
    )


def error_curve(targets: Floats, outputs: Floats) -> Curve:
    """Share of rows whose error is at most so large (Bi and Bennett 2003)."""
    errors = np.sort(np.abs(targets - outputs[:, 0]))
    picked = np.unique(np.linspace(0, len(errors) - 1, MOST_CURVE_POINTS).round().astype(int))
    return Curve(
        name="error_characteristic",
        title=Text(ja="誤差の大きさ", en="Size of the error"),
        x=Text(ja="許す誤差", en="Tolerated error"),
        y=Text(ja="収まる行の割合", en="Share of rows within it"),
        points=tuple((float(errors[at]), float((at + 1) / len(errors))) for at in picked),
    )


def _resamples(rows: int, seed: int) -> Iterator[Floats]:
    random = np.random.default_rng(seed)
    block = max(1, BLOCK // max(rows, 1))
    for at in range(0, RESAMPLES, block):
        size = min(block, RESAMPLES - at)
        yield random.multinomial(rows, np.full(rows, 1 / rows), size=size).astype(np.float64)


def _weighted(targets: npt.NDArray[np.generic], outputs: Floats, labels: int) -> Weighted:
    return (
        _of_classes(targets, outputs, labels)
        if labels
        else _of_amounts(np.asarray(targets, dtype=np.float64), outputs)
    )


def _marks(
    targets: npt.NDArray[np.generic], outputs: Floats, labels: int
) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.bool_]]:
    eye = np.eye(labels, dtype=np.bool_)
    return eye[np.asarray(targets, dtype=np.int64)], eye[outputs.argmax(axis=1)]


def _of_classes(targets: npt.NDArray[np.generic], outputs: Floats, labels: int) -> Weighted:
    expected, predicted = _marks(targets, outputs, labels)
    right = (expected & predicted).any(axis=1).astype(np.float64)
    ranked = [_ranked(outputs[:, at], expected[:, at]) for at in range(labels)]
    if labels == 2:  # both say the same
        ranked = ranked[1:]

    def figures_of(weights: Floats) -> dict[str, Floats]:
        each, sums = _class_f1(expected, predicted, weights)
        support = weights @ expected.astype(np.float64)
        occurs = sums > 0
        macro = np.where(occurs, np.nan_to_num(each), 0).sum(axis=1) / np.maximum(occurs.sum(axis=1), 1)
        weighted = (np.nan_to_num(each) * support).sum(axis=1) / support.sum(axis=1)
        aucs = np.stack([one(weights) for one in ranked], axis=1)
        known = np.isfinite(aucs)
        with np.errstate(invalid="ignore"):
            auc = np.where(known, aucs, 0).sum(axis=1) / known.sum(axis=1)
        return {
            "accuracy": weights @ right / weights.sum(axis=1),
            "f1_macro": macro,
            "f1_weighted": weighted,
            "roc_auc": auc,
        }

    return figures_of


def _class_f1(
    expected: npt.NDArray[np.bool_], predicted: npt.NDArray[np.bool_], weights: Floats
) -> tuple[Floats, Floats]:
    """2·TP / (2·TP + FP + FN), and the divisor: each (R, C)."""
    hits = weights @ (expected & predicted).astype(np.float64)
    sums = weights @ (expected.astype(np.float64) + predicted.astype(np.float64))
    with np.errstate(invalid="ignore", divide="ignore"):
        return 2 * hits / sums, sums


def _ranked(given: Floats, is_positive: npt.NDArray[np.bool_]) -> Callable[[Floats], Floats]:
    """ROC AUC by weights (R, N) → (R,); NaN where one side is empty."""
    order = np.argsort(given, kind="stable")
    starts = np.flatnonzero(np.concatenate([[True], np.diff(given[order]) > 0]))
    positive = is_positive[order].astype(np.float64)

    def auc(weights: Floats) -> Floats:
        drawn = weights[:, order]
        ups = np.add.reduceat(drawn * positive, starts, axis=1)
        downs = np.add.reduceat(drawn * (1 - positive), starts, axis=1)
        below = np.cumsum(downs, axis=1) - downs
        with np.errstate(invalid="ignore", divide="ignore"):
            found: Floats = (ups * (below + downs / 2)).sum(axis=1) / (ups.sum(axis=1) * downs.sum(axis=1))
        return found

    return auc


def _of_amounts(targets: Floats, outputs: Floats) -> Weighted:
    errors = outputs[:, 0] - targets
    moved = targets - targets.mean()  # so that squares are small beside their differences

    def figures_of(weights: Floats) -> dict[str, Floats]:
        rows = weights.sum(axis=1)
        squared = weights @ errors**2
        spread = weights @ moved**2 - (weights @ moved) ** 2 / rows
        with np.errstate(invalid="ignore", divide="ignore"):
            r2 = np.where(spread > 0, 1 - squared / spread, np.nan)
        return {"r2": r2, "rmse": np.sqrt(squared / rows), "mae": weights @ np.abs(errors) / rows}

    return figures_of


def _ends(drawn: Floats) -> tuple[float | None, float | None]:
    known = drawn[np.isfinite(drawn)]
    if not len(known):
        return None, None
    tail = (1 - LEVEL) / 2
    low, high = np.quantile(known, [tail, 1 - tail])
    return float(low), float(high)
