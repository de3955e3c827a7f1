"""How good a classifier is on rows that it has not learned from: figures with intervals, by numpy alone.

F1 of a class is 2·TP / (2·TP + FP + FN); macro: its mean over the classes that occur or were predicted; micro: of the sums.
Intervals: percentile bootstrap over rows (Efron 1979), so a class of few rows has a wide one.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from llmlora.contracts.evaluation import (
    MOST_CURVE_POINTS,
    Baseline,
    ClassFigures,
    Confusion,
    Curve,
    Figure,
    Outcome,
)
from llmlora.contracts.text import Text

Floats = npt.NDArray[np.float64]
Marks = npt.NDArray[np.bool_]

RESAMPLES, LEVEL = 1000, 0.95
# Resampled rows at a time: bounds memory at 8 bytes each.
BLOCK = 4_000_000
TITLES = {
    "accuracy": Text(ja="正解率", en="Accuracy"),
    "macro_f1": Text(ja="マクロ F1", en="Macro F1"),
    "micro_f1": Text(ja="マイクロ F1", en="Micro F1"),
}
_MAJORITY = Text(ja="最も多いクラスを常に答えた場合", en="Always answering the commonest class")


@dataclass(frozen=True)
class Answers:
    """What was asked and answered. `expected`, `predicted`: (N, C) bool; `confidence`: (N,) 0 to 1."""

    expected: Marks
    predicted: Marks
    confidence: Floats

    @property
    def correct(self) -> Marks:
        """(N,): all classes of the row are right."""
        found: Marks = (self.expected == self.predicted).all(axis=1)
        return found


def answers_of(logits: Floats, expected: Marks, *, several: bool, threshold: float) -> Answers:
    """By the largest of the logits (N, C), or by each one's own share. Of several, the least sure decision counts."""
    if several:
        shares = 1 / (1 + np.exp(-logits))
        predicted = shares >= threshold
        return Answers(expected, predicted, np.where(predicted, shares, 1 - shares).min(axis=1))
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    shares = powers / powers.sum(axis=1, keepdims=True)
    predicted = np.eye(logits.shape[1], dtype=np.bool_)[shares.argmax(axis=1)]
    return Answers(expected, predicted, shares.max(axis=1))


def scores(answers: Answers) -> dict[str, float]:
    """Accuracy, macro and micro F1."""
    ones = np.ones((1, len(answers.expected)))
    return {name: float(found[0]) for name, found in _scores(answers, ones).items()}


def figures(answers: Answers, seed: int) -> tuple[tuple[Figure, ...], tuple[Figure, ...]]:
    """The three metrics, and F1 of every class, with their intervals."""
    rows, classes = answers.expected.shape
    whole = {**_scores(answers, np.ones((1, rows))), "class": _class_f1(answers, np.ones((1, rows)))}
    random = np.random.default_rng(seed)
    drawn: dict[str, list[Floats]] = {name: [] for name in whole}
    block = max(1, BLOCK // max(rows, 1))
    for at in range(0, RESAMPLES, block):
        size = min(block, RESAMPLES - at)
        weights = random.multinomial(rows, np.full(rows, 1 / rows), size=size).astype(np.float64)
        for name, found in {**_scores(answers, weights), "class": _class_f1(answers, weights)}.items():
            drawn[name].append(found)
    ends = {name: _ends(np.concatenate(found)) for name, found in drawn.items()}
    overall = tuple(
        Figure(
            name=name,
            title=title,
            value=float(whole[name][0]),
            low=float(ends[name][0]),
            high=float(ends[name][1]),
            n=rows,
        )
        for name, title in TITLES.items()
    )
    support = answers.expected.sum(axis=0)
    each = tuple(
        Figure(
            name="f1",
            title=Text(ja="F1", en="F1"),
            value=float(np.nan_to_num(whole["class"][0, at])),
            low=_number(ends["class"][0][at]),
            high=_number(ends["class"][1][at]),
            n=int(support[at]),
        )
        for at in range(classes)
    )
    return overall, each


def class_table(answers: Answers, labels: Sequence[str], each: Sequence[Figure]) -> tuple[ClassFigures, ...]:
    """Precision, recall and F1 of every class."""
    hits = (answers.expected & answers.predicted).sum(axis=0)
    support, predicted = answers.expected.sum(axis=0), answers.predicted.sum(axis=0)
    return tuple(
        ClassFigures(
            label=label,
            precision=float(hits[at] / max(predicted[at], 1)),
            recall=float(hits[at] / max(support[at], 1)),
            f1=each[at],
            support=int(support[at]),
            predicted=int(predicted[at]),
        )
        for at, label in enumerate(labels)
    )


def confusion_of(answers: Answers, labels: Sequence[str]) -> Confusion:
    """Of rows with one class each."""
    counts = answers.expected.T.astype(np.int64) @ answers.predicted.astype(np.int64)
    return Confusion(labels=tuple(labels), counts=tuple(tuple(map(int, row)) for row in counts))


def majority(expected: Marks, trained: Marks, seed: int) -> Baseline:
    """The classes that most training rows have, answered for every row."""
    sets, counts = np.unique(trained, axis=0, return_counts=True)
    commonest = sets[counts.argmax()]
    answers = Answers(expected, np.broadcast_to(commonest, expected.shape), np.ones(len(expected)))
    return Baseline(name="majority", title=_MAJORITY, figures=figures(answers, seed)[0])


def coverage(answers: Answers) -> Curve:
    """Accuracy of the surest part of the rows, by how large that part is (El-Yaniv and Wiener 2010)."""
    order = np.argsort(-answers.confidence, kind="stable")
    right = np.cumsum(answers.correct[order])
    shares = np.arange(1, len(order) + 1)
    picked = np.unique(np.linspace(0, len(order) - 1, MOST_CURVE_POINTS).round().astype(int))
    return Curve(
        name="coverage",
        title=Text(ja="確信度の高い順に答えた場合の正解率", en="Accuracy of the surest answers"),
        x=Text(ja="答えた行の割合", en="Share of rows answered"),
        y=Text(ja="正解率", en="Accuracy"),
        points=tuple((float(shares[at] / len(order)), float(right[at] / shares[at])) for at in picked),
    )


def outcomes_of(answers: Answers, labels: Sequence[str], rows: Sequence[int]) -> tuple[Outcome, ...]:
    """Row by row. `rows`: their numbers in the data set."""
    correct = answers.correct
    return tuple(
        Outcome(
            row=row,
            expected=tuple(labels[int(i)] for i in np.flatnonzero(answers.expected[at])),
            predicted=tuple(labels[int(i)] for i in np.flatnonzero(answers.predicted[at])),
            confidence=float(answers.confidence[at]),
            correct=bool(correct[at]),
        )
        for at, row in enumerate(rows)
    )


def _scores(answers: Answers, weights: Floats) -> dict[str, Floats]:
    """Each (R,), of R weightings (R, N) of the rows."""
    hits, ones = _sums(answers, weights)
    with np.errstate(invalid="ignore", divide="ignore"):
        each = 2 * hits / ones
        micro = 2 * hits.sum(axis=1) / np.maximum(ones.sum(axis=1), 1e-12)
    occurs = ones > 0
    macro = np.where(occurs, np.nan_to_num(each), 0).sum(axis=1) / np.maximum(occurs.sum(axis=1), 1)
    accuracy = weights @ answers.correct.astype(np.float64) / weights.sum(axis=1)
    return {"accuracy": accuracy, "macro_f1": macro, "micro_f1": micro}


def _class_f1(answers: Answers, weights: Floats) -> Floats:
    """(R, C); NaN where a class neither occurs nor was predicted."""
    hits, ones = _sums(answers, weights)
    with np.errstate(invalid="ignore", divide="ignore"):
        found: Floats = 2 * hits / ones
    return found


def _sums(answers: Answers, weights: Floats) -> tuple[Floats, Floats]:
    """True positives, and 2·TP + FP + FN, each (R, C)."""
    hits = weights @ (answers.expected & answers.predicted).astype(np.float64)
    ones = weights @ (answers.expected.astype(np.float64) + answers.predicted.astype(np.float64))
    return hits, ones


def _ends(drawn: Floats) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    tail = (1 - LEVEL) / 2
    empty = np.isnan(drawn).all(axis=0)
    safe = np.where(empty, 0.0, drawn)
    low, high = np.nanquantile(safe, [tail, 1 - tail], axis=0)
    return np.where(empty, np.nan, low), np.where(empty, np.nan, high)


def _number(value: float) -> float | None:
    return None if np.isnan(value) else float(value)
