"""The figures of each step as a line of the log, as a trainer's console shows them: made of what a recipe's metrics declare."""

from collections.abc import Iterator, Mapping, Sequence

from llmlora.contracts.events import EventBody, Failure, Finished, LogBatch, MetricBatch
from llmlora.contracts.recipe import Metric

EVERY = 200
"""So many steps have a line each."""
FEWER = 10
"""From then on so many times fewer have one, and again fewer once ten times as many have gone by."""
_BYTES = (("GB", 1e9), ("MB", 1e6), ("kB", 1e3))


class StepLines:
    """The lines of one run. Batches of the same figures are thinned by themselves: an evaluation is not lost among steps.

    Of n batches about `EVERY * (1 + log10(n / EVERY))` have a line, and the last of each kind has one. The first that
    stands for several says so.
    """

    def __init__(self, metrics: Sequence[Metric]) -> None:
        self._metrics = {one.name: one for one in metrics}
        self._seen: dict[frozenset[str], int] = {}
        self._stride: dict[frozenset[str], int] = {}
        self._left: dict[frozenset[str], MetricBatch] = {}

    def of(self, body: EventBody) -> Iterator[LogBatch]:
        """The lines that an event of the run adds: none, one for a batch of figures, or at the end those left out last."""
        if isinstance(body, Finished | Failure):
            for batch in sorted(self._left.values(), key=lambda one: one.step):
                yield self._line(batch)
            self._left.clear()
        elif isinstance(body, MetricBatch):
            yield from self._of_batch(body)

    def _of_batch(self, batch: MetricBatch) -> Iterator[LogBatch]:
        kind = frozenset((*batch.values, *batch.not_finite))
        if not kind:
            return
        count = self._seen[kind] = self._seen.get(kind, 0) + 1
        stride = stride_of(count)
        if stride != self._stride.get(kind, 1):
            self._stride[kind] = stride
            yield LogBatch(level="info", message=_thinned(stride), step=batch.step)
        if count % stride and not batch.not_finite:
            self._left[kind] = batch
            return
        self._left.pop(kind, None)
        yield self._line(batch)

    def _line(self, batch: MetricBatch) -> LogBatch:
        figures: Mapping[str, float | str] = {**batch.values, **batch.not_finite}
        ordered = [name for name in self._metrics if name in figures]
        ordered += sorted(name for name in figures if name not in self._metrics)
        told = ", ".join(f"{name} {self._written(name, figures[name])}" for name in ordered)
        return LogBatch(level="info", message=f"step {batch.step}: {told}", step=batch.step)

    def _written(self, name: str, value: float | str) -> str:
        if isinstance(value, str):
            return value
        metric = self._metrics.get(name)
        return written(value, "none" if metric is None else metric.unit)


def stride_of(count: int) -> int:
    """Of how many batches one has a line, when so many have come."""
    stride = 1
    while count > EVERY * stride:
        stride *= FEWER
    return stride


def written(value: float, unit: str) -> str:
    """A figure in the unit of its metric, short enough for a line."""
    if unit == "bytes":
        for name, size in _BYTES:
            if abs(value) >= size:
                return f"{value / size:.3g} {name}"
        return f"{value:.0f} B"
    if unit in ("tokens", "tokens_per_s") and abs(value) >= 100:
        return f"{value:.0f}"
    return f"{value:.4g}"


def _thinned(stride: int) -> str:
    return (
        f"ここからは {stride} 回に 1 回を表示します（すべての値はグラフと CSV にあります） / "
        f"from here on one in {stride} is shown (charts and CSV have all values)"
    )
