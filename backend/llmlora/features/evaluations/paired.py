"""Two models over the same rows: metrics told anew from the outcomes, and how sure one may be of a difference.

The paired bootstrap (Koehn 2004, "Statistical Significance Tests for Machine Translation Evaluation"; Efron 1979) draws rows, and
takes both models' outcomes of a drawn row. Rows with the same classes and the same two predictions are alike, so that what is
drawn is how often each sort comes: a multinomial draw, exact and small whatever the number of rows.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from llmlora.contracts.evaluation import Outcome

RESAMPLES = 2000
LEVEL = 0.95
SEED = 0
Floats = npt.NDArray[np.float64]
_Classes = tuple[str, ...]


@dataclass(frozen=True)
class Interval:
    """Of the difference of a metric."""

    low: float
    high: float


@dataclass(frozen=True)
class _Sorts:
    """Sorts of rows. `counts` (sorts,); `truth`, `first`, `other` (sorts, classes) of 0 and 1."""

    counts: Floats
    truth: Floats
    first: Floats
    other: Floats


def exact_share(truth: Floats, taken: Floats, drawn: Floats) -> Floats:
    """The share of rows that are entirely right. `drawn` (draws, sorts) → (draws,)."""
    right = (truth == taken).all(axis=1).astype(float)
    return np.asarray(drawn @ right / drawn.sum(axis=1))


def micro_f1(truth: Floats, taken: Floats, drawn: Floats) -> Floats:
    """F1 over all classes together; 0 where nothing is, and nothing is taken for, any of them."""
    return _f1(*(one.sum(axis=1) for one in _parts(truth, taken, drawn)))


def macro_f1(truth: Floats, taken: Floats, drawn: Floats) -> Floats:
    """The mean of the classes' F1, all classes alike; 0 for one that is not there and is not taken for anything."""
    return np.asarray(_f1(*_parts(truth, taken, drawn)).mean(axis=1))


METRICS: dict[str, Callable[[Floats, Floats, Floats], Floats]] = {
    "accuracy": exact_share,
    "micro_f1": micro_f1,
    "macro_f1": macro_f1,
    "f1_macro": macro_f1,
}
"""Metrics that outcomes tell, by the names that figures have."""


def figure_of(name: str, labels: Sequence[str], outcomes: Sequence[Outcome]) -> float | None:
    """A metric from the outcomes alone; None where they do not tell it."""
    metric = METRICS.get(name)
    if metric is None or not outcomes:
        return None
    sorts = _sorts_of(labels, [(one.expected, one.predicted, one.predicted) for one in outcomes])
    return float(metric(sorts.truth, sorts.first, sorts.counts[None, :])[0])


def interval_of_difference(
    name: str, labels: Sequence[str], first: Sequence[Outcome], other: Sequence[Outcome]
) -> Interval:
    """The percentiles of first less other over drawn rows. Both in the order of the same rows."""
    pairs = [(a.expected, a.predicted, b.predicted) for a, b in zip(first, other, strict=True)]
    sorts = _sorts_of(labels, pairs)
    total = sorts.counts.sum()
    draws = np.random.default_rng(SEED).multinomial(int(total), sorts.counts / total, size=RESAMPLES)
    drawn, metric = draws.astype(float), METRICS[name]
    differences = metric(sorts.truth, sorts.first, drawn) - metric(sorts.truth, sorts.other, drawn)
    tail = (1 - LEVEL) / 2 * 100
    low, high = np.percentile(differences, [tail, 100 - tail])
    return Interval(float(low), float(high))


def _sorts_of(labels: Sequence[str], rows: Sequence[tuple[_Classes, _Classes, _Classes]]) -> _Sorts:
    place = {label: i for i, label in enumerate(labels)}
    counted = Counter((_set(a), _set(b), _set(c)) for a, b, c in rows)

    def matrix(part: int) -> Floats:
        found = np.zeros((len(counted), len(place)))
        for i, sort in enumerate(counted):
            found[i, [place[label] for label in sort[part] if label in place]] = 1
        return found

    return _Sorts(np.array(list(counted.values()), dtype=float), matrix(0), matrix(1), matrix(2))


def _set(classes: _Classes) -> _Classes:
    return tuple(sorted(set(classes)))


def _parts(truth: Floats, taken: Floats, drawn: Floats) -> tuple[Floats, Floats, Floats]:
    """Right, wrongly taken and missed, each (draws, classes)."""
    return drawn @ (truth * taken), drawn @ ((1 - truth) * taken), drawn @ (truth * (1 - taken))


def _f1(right: Floats, wrong: Floats, missed: Floats) -> Floats:
    below = 2 * right + wrong + missed
    return np.divide(2 * right, below, out=np.zeros_like(right), where=below > 0)
