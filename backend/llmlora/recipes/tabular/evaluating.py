"""What a run finds on rows that it has not learned from: figures, a baseline beside them, classes, curves, what matters."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from sklearn.dummy import DummyClassifier, DummyRegressor

from llmlora.contracts.evaluation import (
    MOST_IMPORTANCES,
    MOST_MISTAKES,
    Baseline,
    Evaluation,
    Figure,
    Importance,
    Importances,
    Mistake,
)
from llmlora.contracts.events import Progress
from llmlora.contracts.run import Context
from llmlora.contracts.text import Text
from llmlora.data.column_encoder import Matrix
from llmlora.data.kinds.registry import family_of
from llmlora.data.kinds.table.examples import TableExample
from llmlora.recipes.blocks.cancelling import until_cancelled
from llmlora.recipes.blocks.classified import Answers, class_table, confusion_of, coverage, outcomes_of
from llmlora.recipes.tabular.folds import CrossValidated
from llmlora.recipes.tabular.judging import (
    LEVEL,
    RESAMPLES,
    TITLES,
    Floats,
    calibration_curve,
    class_intervals,
    error_curve,
    figures,
    scores,
)
from llmlora.recipes.tabular.models import Fitted, Indices
from llmlora.recipes.tabular.rows import Rows
from llmlora.recipes.tabular.spec import TabularConfig

SHUFFLES, MOST_SHUFFLED_ROWS = 5, 2000
_MAJORITY = Text(ja="最も多いクラスを常に答えた場合", en="Always answering the commonest class")
_MEAN = Text(ja="学習した行の平均を常に答えた場合", en="Always answering the mean of the rows learned from")


def evaluate(
    config: TabularConfig, rows: Rows, fitted: Fitted, crossed: CrossValidated, ctx: Context
) -> Evaluation | None:
    """Over the held-out rows; where there are none, over what the folds have predicted; None where neither is there."""
    at, outputs = _judged(rows, fitted, crossed)
    if not len(at):
        return None
    targets, labels = rows.targets[at], len(rows.labels)
    dataset = ctx.spec.inputs.dataset()
    told = {
        "kind": dataset.kind,
        "dataset_id": dataset.id,
        "dataset_sha256": dataset.sha256,
        "rows": len(at),
        "labels": rows.labels,
        "seed": config.seed,
        "confidence_level": LEVEL,
        "resamples": RESAMPLES,
        "figures": figures(targets, outputs, labels, config.seed),
        "baseline": _baseline(rows, at, config.seed),
        "importances": _importances(config, rows, fitted, at, ctx),
    }
    if not labels:
        return Evaluation.model_validate({**told, "curves": (error_curve(targets, outputs),)})
    numbers = [rows.table.rows[one] for one in at]
    answers = _answers(targets, outputs)
    each = tuple(
        Figure(
            name="f1",
            title=Text(ja="F1", en="F1"),
            value=value,
            low=low,
            high=high,
            n=int((targets == one).sum()),
        )
        for one, (value, low, high) in enumerate(class_intervals(targets, outputs, labels, config.seed))
    )
    outcomes = outcomes_of(answers, rows.labels, numbers)
    wrong = sorted((one for one in outcomes if not one.correct), key=lambda one: -one.confidence)
    places = dict(zip(numbers, at.tolist(), strict=True))
    return Evaluation.model_validate(
        {
            **told,
            "classes": class_table(answers, rows.labels, each),
            "confusion": confusion_of(answers, rows.labels),
            "curves": (calibration_curve(targets, outputs), coverage(answers)),
            "mistakes": tuple(
                Mistake(outcome=one, example=_shown(rows, places[one.row], dataset.kind))
                for one in wrong[:MOST_MISTAKES]
            ),
            "outcomes": outcomes,
        }
    )


def _judged(rows: Rows, fitted: Fitted, crossed: CrossValidated) -> tuple[Indices, Floats]:
    if len(rows.test):
        return rows.test, fitted.outputs(rows.cells(rows.test), len(rows.labels))
    at = np.array([row for fold in crossed.folds for row in fold.rows], dtype=np.int64)
    outputs = [one for fold in crossed.folds for one in fold.outputs]
    return at, np.array(outputs, dtype=np.float64).reshape(len(at), -1)


def _answers(targets: npt.NDArray[np.int64], outputs: Floats) -> Answers:
    eye = np.eye(outputs.shape[1], dtype=np.bool_)
    return Answers(eye[targets], eye[outputs.argmax(axis=1)], outputs.max(axis=1))


def _baseline(rows: Rows, at: Indices, seed: int) -> Baseline:
    """What scikit-learn's dummies give who look at no column."""
    targets, labels = rows.targets[rows.train], len(rows.labels)
    nothing = np.zeros((len(targets), 1))
    if not labels:
        mean = DummyRegressor().fit(nothing, targets).predict(np.zeros((len(at), 1)))
        return Baseline(
            name="mean", title=_MEAN, figures=figures(rows.targets[at], mean.reshape(-1, 1), 0, seed)
        )
    dummy = DummyClassifier(strategy="most_frequent").fit(nothing, targets)
    outputs = np.zeros((len(at), labels))
    outputs[:, dummy.classes_] = dummy.predict_proba(np.zeros((len(at), 1)))
    return Baseline(
        name="majority", title=_MAJORITY, figures=figures(rows.targets[at], outputs, labels, seed)
    )


def _importances(config: TabularConfig, rows: Rows, fitted: Fitted, at: Indices, ctx: Context) -> Importances:
    """By shuffling the cells of one column among the rows, of at most `MOST_SHUFFLED_ROWS`."""
    random = np.random.default_rng(config.seed)
    some = (
        at if len(at) <= MOST_SHUFFLED_ROWS else np.sort(random.choice(at, MOST_SHUFFLED_ROWS, replace=False))
    )
    targets, labels = rows.targets[some], len(rows.labels)
    numbers = fitted.encoder.encode(rows.cells(some))
    whole = scores(targets, fitted.outputs_of_numbers(numbers, labels), labels).get("score", 0.0)
    found = []
    slices = fitted.encoder.slices
    for done, (name, place) in enumerate(until_cancelled(slices.items(), ctx), 1):
        drops = [
            whole
            - scores(
                targets, fitted.outputs_of_numbers(_shuffled(numbers, place, random), labels), labels
            ).get("score", 0.0)
            for _ in range(SHUFFLES)
        ]
        found.append(Importance(name=name, value=float(np.mean(drops)), low=min(drops), high=max(drops)))
        ctx.emit(Progress(stage="evaluate", done=done, total=len(slices), unit="columns"))
    found.sort(key=lambda one: -one.value)
    return Importances(
        figure=TITLES["f1_macro" if labels else "r2"],
        repeats=SHUFFLES,
        inputs=tuple(found[:MOST_IMPORTANCES]),
    )


def _shuffled(numbers: Matrix, place: slice, random: np.random.Generator) -> Matrix:
    copy = numbers.copy()
    copy[:, place] = numbers[random.permutation(len(numbers)), place]
    return copy


def _shown(rows: Rows, at: int, kind: str) -> dict[str, object]:
    table = rows.table
    example = TableExample(
        row=table.rows[at],
        features={name: cells[at] for name, cells in table.features.items()},
        target=table.targets[at],
        target_name=table.target_name,
    )
    return family_of(kind).shown(example).model_dump(mode="json")


def summary_lines(found: Sequence[Figure]) -> str:
    """The figures as lines of a README."""
    return "\n".join(
        f"- {one.name}: {one.value:.4f}"
        + (f" [{one.low:.4f}, {one.high:.4f}]" if one.low is not None else "")
        for one in found
    )
