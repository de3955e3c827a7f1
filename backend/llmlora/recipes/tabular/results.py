"""What a run leaves: the model, whole and proved, and how good it is."""

import json
import shutil
import statistics
from collections.abc import Sequence
from pathlib import Path

import onnx

from llmlora.contracts.evaluation import FILE, REPORT, Evaluation
from llmlora.contracts.events import ArtifactKind, Progress, Report
from llmlora.contracts.prediction import (
    COLUMNS_NAME,
    HEAD_NAME,
    HELD_NAME,
    LONGEST_CELL,
    MOST_CHOICES,
    MOST_ITEMS,
    ColumnField,
    ColumnsItem,
    Head,
    HeldItems,
)
from llmlora.contracts.run import Context
from llmlora.data.predictor_files import MODEL_NAME, marks_of
from llmlora.data.scalars import Scalar, number_of, truth_of
from llmlora.kit.files import published_directory, write_atomically
from llmlora.recipes.blocks.columns.graphs import graph_of
from llmlora.recipes.blocks.columns.predictor import AMOUNT_NAME, Amount
from llmlora.recipes.blocks.columns.proof import refuse_other_predictions
from llmlora.recipes.blocks.columns.trusted import save_model
from llmlora.recipes.tabular.evaluating import summary_lines
from llmlora.recipes.tabular.folds import CrossValidated
from llmlora.recipes.tabular.models import Fitted
from llmlora.recipes.tabular.rows import Rows
from llmlora.recipes.tabular.spec import TabularConfig

DIRECTORY = "predictor"
CARD = """---
library_name: sklearn
tags: [llmlora, tabular]
---

# {job_id}

表の予測 / {task} of a table

| | |
|---|---|
| model | {model} |
| target | {target} |
| columns | {columns} |
| labels | {labels} |
| data set | `{dataset_id}` ({rows} rows, sha256 `{dataset_sha256}`) |
| seed | {seed} |

## Metrics

{metrics}

`model.onnx` reads the numbers that `columns.json` makes of a row; `model.skops` holds the same model for scikit-learn.
"""


def publish(
    config: TabularConfig,
    rows: Rows,
    fitted: Fitted,
    crossed: CrossValidated,
    found: Evaluation | None,
    ctx: Context,
) -> None:
    """Announce the evaluation, where rows were kept for one, then the model.

    Raises:
        AppError: what was written does not predict as what was trained; nothing is announced then.
        RunCancelledError: SIGTERM was seen.
    """
    target = ctx.run_dir / DIRECTORY
    shutil.rmtree(target, ignore_errors=True)
    ctx.emit(Progress(stage="check", done=0, total=1, unit="models"))
    with published_directory(target) as temporary:
        _write(config, rows, fitted, crossed, found, temporary, ctx)
    ctx.emit(Progress(stage="check", done=1, total=1, unit="models"))
    facts = {f"cv_{name}": one["mean"] for name, one in crossed.summary().items()}
    if found is not None:
        ctx.emit(Report(name=REPORT, body=found.report()))
        path = ctx.run_dir / FILE
        write_atomically(path, found.model_dump_json(indent=1).encode())
        figures = {one.name: one.value for one in found.figures}
        ctx.publish(ArtifactKind.REPORT, FILE, path, dict(figures))
        facts |= figures
    ctx.publish(ArtifactKind.MODEL, DIRECTORY, target, dict(facts))


def _write(
    config: TabularConfig,
    rows: Rows,
    fitted: Fitted,
    crossed: CrossValidated,
    found: Evaluation | None,
    directory: Path,
    ctx: Context,
) -> None:
    items = _held(rows, fitted)
    _write_text(directory / COLUMNS_NAME, fitted.encoder.model_dump_json(indent=1))
    _write_text(directory / HEAD_NAME, _head(rows, fitted).model_dump_json(indent=1))
    _write_text(directory / HELD_NAME, HeldItems(items=tuple(items)).model_dump_json(indent=1))
    amount = Amount(center=fitted.center, scale=fitted.scale)
    _write_text(directory / AMOUNT_NAME, amount.model_dump_json(indent=1))
    save_model(fitted.estimator, directory)
    graph = graph_of(fitted.estimator, fitted.encoder.width, center=fitted.center, scale=fitted.scale)
    onnx.helper.set_model_props(graph, marks_of(directory))
    onnx.save(graph, directory / MODEL_NAME)
    trained = fitted.outputs_of_numbers(
        fitted.encoder.encode_rows([one.columns for one in items]), len(rows.labels)
    )
    difference = refuse_other_predictions(directory, items, trained, rows.labels, ctx)
    ctx.log(
        f"別のプロセスで読み込んだモデルと ONNX は同じ値を出します（差は最大 {difference:.1e}） / "
        f"loaded by a new process, the model and its ONNX give the same (they differ by at most {difference:.1e})"
    )
    _write_card(config, rows, crossed, found, directory, ctx)


def _head(rows: Rows, fitted: Fitted) -> Head:
    fields = []
    for one in fitted.encoder.columns:
        fields.append(
            ColumnField(
                name=one.name,
                type=one.type,
                choices=tuple(name for name in one.categories if name)[:MOST_CHOICES],
                example=_usual(one.type, _cells(rows, one.name)),
            )
        )
    task = "single_label" if rows.is_classification else "number"
    return Head(
        input="columns", task=task, labels=rows.labels, columns=tuple(fields), target=rows.table.target_name
    )


def _cells(rows: Rows, name: str) -> list[Scalar]:
    return [rows.table.features[name][at] for at in rows.train]


def _usual(type_: str, cells: Sequence[Scalar]) -> Scalar:
    """The median of numbers, else what comes most often."""
    known = [one for one in cells if one is not None]
    if not known:
        return None
    if type_ == "number":
        return statistics.median_low(number for one in known if (number := number_of(one)) is not None)
    if type_ == "boolean":
        return statistics.mode(truth_of(one) is True for one in known)
    usual = statistics.mode(map(str, known))
    return usual[:LONGEST_CELL]


def _held(rows: Rows, fitted: Fitted) -> list[ColumnsItem]:
    """Rows that were not learned from, as far as there are such; the last is one of gaps alone, so that what fills them is
    proved, too."""
    order = [*rows.test.tolist(), *rows.train.tolist()][: MOST_ITEMS - 1]
    names = [one.name for one in fitted.encoder.columns]
    items = [{name: rows.table.features[name][at] for name in names} for at in order]
    items.append(dict.fromkeys(names))
    return [
        ColumnsItem(
            type="columns",
            columns={k: v[:LONGEST_CELL] if isinstance(v, str) else v for k, v in one.items()},
        )
        for one in items
    ]


def _write_card(
    config: TabularConfig,
    rows: Rows,
    crossed: CrossValidated,
    found: Evaluation | None,
    directory: Path,
    ctx: Context,
) -> None:
    dataset, figures = ctx.spec.inputs.dataset(), () if found is None else found.figures
    metrics = {
        "held_out": {one.name: {"value": one.value, "low": one.low, "high": one.high} for one in figures},
        "cross_validation": crossed.summary(),
        "folds": [one.scores for one in crossed.folds],
    }
    _write_text(directory / "metrics.json", json.dumps(metrics, ensure_ascii=False, indent=1))
    arguments = {
        "recipe": ctx.spec.recipe,
        "job_id": ctx.spec.job_id,
        "config": config.model_dump(mode="json"),
        "dataset_id": dataset.id,
        "dataset_sha256": dataset.sha256,
        "task": rows.task,
        "target": rows.table.target_name,
        "labels": rows.labels,
        "columns": [one.name for one in rows.columns],
        "left_out": rows.left_out,
        "rows": {"train": len(rows.train), "test": len(rows.test)},
        "threads": crossed.threads,
    }
    _write_text(directory / "training_args.json", json.dumps(arguments, ensure_ascii=False, indent=1))
    card = CARD.format(
        job_id=ctx.spec.job_id,
        task=rows.task,
        model=config.model,
        target=rows.table.target_name,
        columns=len(rows.columns),
        labels=", ".join(rows.labels) or "-",
        dataset_id=dataset.id,
        rows=len(rows.table.rows),
        dataset_sha256=dataset.sha256,
        seed=config.seed,
        metrics=summary_lines(figures),
    )
    _write_text(directory / "README.md", card)


def _write_text(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")
