"""Evaluations of the shape that a recipe leaves: whole in a file, and without its rows as a report."""

from collections.abc import Sequence

from llmlora.contracts.evaluation import (
    Baseline,
    ClassFigures,
    Confusion,
    Curve,
    Evaluation,
    Figure,
    Mistake,
    Outcome,
)
from llmlora.contracts.text import Text
from llmlora.features.evaluations.paired import figure_of

LABELS = ("billing", "delivery", "returns")
TITLES = {
    "accuracy": Text(ja="正解率", en="Accuracy"),
    "macro_f1": Text(ja="マクロ F1", en="Macro F1"),
    "micro_f1": Text(ja="マイクロ F1", en="Micro F1"),
}


def outcome(row: int, expected: str, predicted: str, confidence: float = 0.9) -> Outcome:
    return Outcome(
        row=row,
        expected=(expected,),
        predicted=(predicted,),
        confidence=confidence,
        correct=expected == predicted,
    )


def judged(wrong: Sequence[int], rows: int = 60, first_row: int = 0) -> tuple[Outcome, ...]:
    """Rows of three classes in turn; the rows of these numbers are taken for the next class."""
    found = []
    for row in range(first_row, first_row + rows):
        expected = LABELS[row % 3]
        predicted = LABELS[(row + 1) % 3] if row in wrong else expected
        found.append(outcome(row, expected, predicted, 0.5 + (row % 50) / 100))
    return tuple(found)


def evaluation_of(
    outcomes: tuple[Outcome, ...], *, dataset_id: str = "ds_none", dataset_sha256: str = "ab" * 32
) -> Evaluation:
    """All that a run says of its rows."""
    n, figures = len(outcomes), []
    for name, title in TITLES.items():
        value = figure_of(name, LABELS, outcomes)
        assert value is not None
        low, high = max(0.0, value - 0.08), min(1.0, value + 0.05)
        figures.append(Figure(name=name, title=title, value=value, low=low, high=high, n=n))
    counts = [[0] * len(LABELS) for _ in LABELS]
    for one in outcomes:
        counts[LABELS.index(one.expected[0])][LABELS.index(one.predicted[0])] += 1
    wrong = sorted((one for one in outcomes if not one.correct), key=lambda one: -one.confidence)
    return Evaluation(
        kind="text.classify",
        dataset_id=dataset_id,
        dataset_sha256=dataset_sha256,
        rows=n,
        labels=LABELS,
        seed=0,
        resamples=1000,
        figures=tuple(figures),
        baseline=Baseline(
            name="majority",
            title=Text(ja="最多クラス", en="Most common class"),
            figures=tuple(
                one.model_copy(update={"value": 1 / 3, "low": None, "high": None}) for one in figures
            ),
        ),
        classes=tuple(_class(i, label, counts) for i, label in enumerate(LABELS)),
        confusion=Confusion(labels=LABELS, counts=tuple(map(tuple, counts))),
        curves=(
            Curve(
                name="reliability",
                title=Text(ja="確信度と正解率", en="Confidence and accuracy"),
                x=Text(ja="確信度", en="Confidence"),
                y=Text(ja="正解率", en="Accuracy"),
                points=((0.5, 0.55), (0.7, 0.72), (0.9, 0.93)),
            ),
        ),
        mistakes=tuple(
            Mistake(outcome=one, example={"text": f"Question number {one.row}"}) for one in wrong[:50]
        ),
        outcomes=outcomes,
    )


def _class(i: int, label: str, counts: list[list[int]]) -> ClassFigures:
    right, support, predicted = counts[i][i], sum(counts[i]), sum(row[i] for row in counts)
    precision, recall = right / max(1, predicted), right / max(1, support)
    f1 = 2 * right / max(1, support + predicted)
    title = Text(ja="F1", en="F1")
    return ClassFigures(
        label=label,
        precision=precision,
        recall=recall,
        f1=Figure(name="f1", title=title, value=f1, low=max(0, f1 - 0.1), high=min(1, f1 + 0.1), n=support),
        support=support,
        predicted=predicted,
    )
