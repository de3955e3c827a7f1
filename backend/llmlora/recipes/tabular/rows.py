"""The rows of a run: which columns are learned from, what is predicted, which rows are held out."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from llmlora.contracts.events import Progress
from llmlora.contracts.run import Context, DatasetInput
from llmlora.data.class_names import class_names
from llmlora.data.kinds.table.columns import Table, read_table
from llmlora.data.kinds.table.tally import Column
from llmlora.data.scalars import Scalar, class_name, number_of
from llmlora.kit.errors import InvalidInputError
from llmlora.recipes.blocks.batches import split_alike
from llmlora.recipes.tabular.spec import TabularConfig

FEWEST_ROWS = 5
MOST_CLASSES = 100
MOST_ROWS, MOST_CELLS, MOST_ROWS_OF_SVM = 1_000_000, 50_000_000, 20_000
LEAKS = frozenset({"identifier", "equals_target", "determines_target"})
WHY = {
    "identifier": ("行の番号らしい列", "looks like a row number"),
    "equals_target": ("目的変数と同じ値", "equals the target"),
    "determines_target": ("目的変数と 1 対 1 に対応", "stands for the target one to one"),
    "constant": ("値が 1 種類", "one value only"),
    "date": ("日付（月、曜日、経過日数などの数値の列に分けてください）", "a date (split it into numbers: month, weekday, days since)"),
    "text": ("行ごとに違う文字列", "a text of its own in most rows"),
    "empty": ("すべて欠損", "no value at all"),
    "dropped": ("設定で除外", "left out by the settings"),
}  # fmt: skip


class TooFewRowsError(InvalidInputError):
    """Nothing can be learned and judged with so few."""

    code = "table_too_few_rows"
    ja = "行が {rows} 行しかありません。{limit} 行以上にしてください。"
    en = "There are only {rows} rows. At least {limit} are needed."


class TableTooLargeError(InvalidInputError):
    """It does not fit in memory, or would take days."""

    code = "table_too_large"
    ja = "表が大きすぎます（{rows} 行、{columns} 列）。このモデルで扱えるのは {most_rows} 行、{most_cells} セルまでです。行や列を減らすか、ほかのモデルを選んでください。"
    en = "The table is too large ({rows} rows, {columns} columns). This model takes up to {most_rows} rows and {most_cells} cells. Use fewer rows or columns, or another model."


class SingleClassError(InvalidInputError):
    """There is nothing to tell apart."""

    code = "table_single_class"
    ja = "目的変数「{target}」の値が「{name}」の 1 種類しかありません。分類するには 2 種類以上が必要です。目的変数の列を確かめてください。"
    en = "The target “{target}” has only one value, “{name}”. A classification needs two. Check which column is the target."


class TooManyTargetClassesError(InvalidInputError):
    """The target is an amount, or a text of its own in every row."""

    code = "table_too_many_classes"
    ja = "目的変数「{target}」の値が {count} 種類あります（分類の上限は {limit} 種類）。数値なら task を regression にし、そうでなければ目的変数の列を確かめてください。"
    en = "The target “{target}” has {count} values; at most {limit} can be classified. If they are amounts, set task to regression; else check which column is the target."


class TargetNotNumbersError(InvalidInputError):
    """A regression over texts."""

    code = "table_target_not_numbers"
    ja = "目的変数「{target}」に数値でない値があります（{row} 行目「{value}」）。task を classification にするか、値を直してください。"
    en = "The target “{target}” has values that are no numbers (row {row}: “{value}”). Set task to classification, or correct the values."


class NoFeatureError(InvalidInputError):
    """Every column is left out."""

    code = "table_no_feature"
    ja = "学習に使える列がありません（{why}）。列を加えるか、drop_columns と leaking_columns を見直してください。"
    en = "No column is left to learn from ({why}). Add columns, or change drop_columns and leaking_columns."


class ColumnUnknownError(InvalidInputError):
    """A setting names a column that is not there."""

    code = "table_column_unknown"
    ja = "drop_columns の「{column}」という列はありません。列: {known}"
    en = "drop_columns names “{column}”, which is no column. Columns: {known}"


@dataclass(frozen=True)
class Rows:
    """All rows. `columns`: those that are learned from; `targets`: (N,) the place of each row's label, or its amount; `train` and
    `test`: indices; `left_out`: column → code of `WHY`."""

    table: Table
    task: Literal["classification", "regression"]
    columns: tuple[Column, ...]
    labels: tuple[str, ...]
    targets: npt.NDArray[Any]
    train: npt.NDArray[np.int64]
    test: npt.NDArray[np.int64]
    left_out: dict[str, str]

    @property
    def is_classification(self) -> bool:
        """Classes, not amounts."""
        return self.task == "classification"

    def cells(self, at: npt.NDArray[np.int64]) -> dict[str, list[Scalar]]:
        """The cells of these rows by column."""
        return {one.name: [self.table.features[one.name][i] for i in at] for one in self.columns}


def read_rows(config: TabularConfig, dataset: DatasetInput, ctx: Context) -> Rows:
    """Read, choose and split; what is left out is told in the log.

    Raises:
        InvalidInputError: nothing can be learned from the table as it is; says what to change.
    """
    ctx.emit(Progress(stage="read", done=0, total=dataset.rows, unit="rows"))
    if dataset.rows < FEWEST_ROWS:
        raise TooFewRowsError(rows=dataset.rows, limit=FEWEST_ROWS)
    most_rows = MOST_ROWS_OF_SVM if config.model == "svm" else MOST_ROWS
    if dataset.rows > most_rows:
        raise _too_large(dataset.rows, "?", most_rows)
    table = read_table(dataset.path)
    if len(table.rows) * len(table.columns) > MOST_CELLS:
        raise _too_large(len(table.rows), len(table.columns), most_rows)
    columns, left_out = _chosen(config, table)
    task = table.task if config.task == "auto" else config.task
    labels, targets = _targets(table, task)
    groups: Sequence[Any] = [int(one) for one in targets] if labels else [0] * len(targets)
    train, test = split_alike(groups, config.test_split, config.seed, "test_split")
    rows = Rows(
        table,
        task,
        columns,
        labels,
        targets,
        np.array(sorted(train), dtype=np.int64),
        np.array(sorted(test), dtype=np.int64),
        left_out,
    )
    _tell(rows, ctx)
    ctx.emit(Progress(stage="read", done=dataset.rows, total=dataset.rows, unit="rows"))
    return rows


def _too_large(rows: int, columns: object, most_rows: int) -> TableTooLargeError:
    return TableTooLargeError(rows=rows, columns=columns, most_rows=most_rows, most_cells=MOST_CELLS)


def _chosen(config: TabularConfig, table: Table) -> tuple[tuple[Column, ...], dict[str, str]]:
    names = [one.name for one in table.columns]
    for name in config.drop_columns:
        if name not in names:
            raise ColumnUnknownError(column=name, known=", ".join(names[:20]))
    left_out: dict[str, str] = {
        one.column: one.reason
        for one in table.remarks
        if one.reason not in LEAKS or config.leaking_columns == "exclude"
    }
    left_out |= dict.fromkeys(config.drop_columns, "dropped")
    columns = tuple(one for one in table.columns if one.name not in left_out)
    if not columns:
        told = tuple(
            ", ".join(f"{name}: {WHY[code][language]}" for name, code in list(left_out.items())[:10])
            for language in (0, 1)
        )
        raise NoFeatureError(why=told)
    return columns, left_out


def _targets(table: Table, task: str) -> tuple[tuple[str, ...], npt.NDArray[Any]]:
    if task == "regression":
        numbers = [number_of(one) for one in table.targets]
        for row, value, number in zip(table.rows, table.targets, numbers, strict=True):
            if number is None:
                raise TargetNotNumbersError(target=table.target_name, row=row, value=str(value)[:60])
        return (), np.array(numbers, dtype=np.float64)
    names = [class_name(one) for one in table.targets]
    labels = class_names(names)
    if len(labels) < 2:
        raise SingleClassError(target=table.target_name, name=labels[0])
    if len(labels) > MOST_CLASSES:
        raise TooManyTargetClassesError(target=table.target_name, count=len(labels), limit=MOST_CLASSES)
    place = {name: at for at, name in enumerate(labels)}
    return labels, np.array([place[name] for name in names], dtype=np.int64)


def _tell(rows: Rows, ctx: Context) -> None:
    words = ("分類", "classification") if rows.is_classification else ("回帰", "regression")
    ctx.log(
        f"{words[0]}、目的変数「{rows.table.target_name}」、{len(rows.columns)} 列から学習 / "
        f"{words[1]} of “{rows.table.target_name}” from {len(rows.columns)} columns; "
        f"{len(rows.train)} rows to learn from, {len(rows.test)} to judge by"
    )
    for name, code in list(rows.left_out.items())[:50]:
        ja, en = WHY[code]
        ctx.log(f"列「{name}」は使いません（{ja}） / the column “{name}” is left out ({en})", level="warning")
    counts = Counter(rows.targets.tolist()) if rows.is_classification else Counter()
    if lonely := [rows.labels[at] for at, count in counts.items() if count == 1]:
        names = ", ".join(lonely[:5])
        ctx.log(
            f"1 行しかないクラスがあります（{names}）。評価されません / classes with a single row are not evaluated ({names})",
            level="warning",
        )
