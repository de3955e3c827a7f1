"""Whether a file is a table, and which of its columns is to be predicted.

Texts come first: this kind needs one column alone, so whatever another family knows is that family's (`kinds.detection`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from llmlora.data.cells import is_absent
from llmlora.data.columns import folded
from llmlora.data.errors import BadMappingError, MissingColumnError, TooManyColumnsError
from llmlora.data.kinds.protocol import DataKind, Detection, Layout, ShapedRow
from llmlora.data.kinds.table.examples import TableExample
from llmlora.data.kinds.table.names import TABLE
from llmlora.data.raw import MAX_COLUMNS, RawRow
from llmlora.data.refusals import shown_text
from llmlora.data.scalars import MISSING, number_of

TARGETS = (
    "target", "label", "class", "y", "outcome", "目的変数", "正解", "正解ラベル", "ラベル", "クラス", "分類", "目標", "結果",
    "species", "quality", "survived", "diagnosis",
)  # fmt: skip
FEATURES, TARGET = "features", "target"
FEWEST_ROWS_NAMED, FEWEST_ROWS_TO_GUESS = 5, 20
LONG_TEXT = 80
"""Mean characters of a column that is read, not counted."""
SHOWN_COLUMNS = 20

KIND = DataKind(TABLE, ("表", "a table"), TableExample)
LAYOUT = Layout(KIND, (TARGET,))


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell without its contents. `length`: in characters, of a text; `is_nested`: it fits no table."""

    is_number: bool = False
    is_nested: bool = False
    length: int = 0


@dataclass(frozen=True)
class TableDetection(Detection):
    """`is_nested`: the columns stand in an object `features`, beside `target`."""

    is_nested: bool = False

    @property
    def read_columns(self) -> tuple[str, ...]:
        """All of them."""
        return self.columns


Columns = dict[str, list[Cell]]


def shaped_row(row: RawRow) -> ShapedRow:
    """A row without its contents."""
    features = row.cells.get(FEATURES)
    if is_nested_row(row.cells):
        assert isinstance(features, dict)
        cells = {**features, TARGET: row.cells[TARGET]}
        return ShapedRow(row.number, {FEATURES: {n: _cell(v) for n, v in cells.items()}}, row.problem)
    return ShapedRow(row.number, {name: _cell(value) for name, value in row.cells.items()}, row.problem)


def is_nested_row(cells: Mapping[str, object]) -> bool:
    """Whether a row has the form `{"features": {…}, "target": …}`."""
    return isinstance(cells.get(FEATURES), dict) and TARGET in cells and len(cells) == 2


def detect(
    rows: Sequence[ShapedRow],
    columns: Sequence[str] | None,
    *,
    kind: str | None,
    overrides: Mapping[str, str],
) -> TableDetection:
    """The target by its name, else the last column. Unless a person asks for a table, it must look like one.

    Raises:
        MissingColumnError: it does not, or there is nothing beside the target.
        BadMappingError: an override names an unknown field or column.
        TooManyColumnsError: JSON with more keys than a table may have.
    """
    readable = [row for row in rows if row.problem is None]
    is_nested = bool(readable) and all(isinstance(row.shape.get(FEATURES), dict) for row in readable)
    there = _columns_of(readable, columns, is_nested=is_nested)
    if len(there) > MAX_COLUMNS:
        raise TooManyColumnsError(count=len(there), limit=MAX_COLUMNS)
    _check(overrides, there)
    named = overrides.get(TARGET) or (TARGET if is_nested else _named_target(there))
    target = named or next(reversed(there), None)
    is_asked = kind is not None or bool(overrides)
    if (
        target is None
        or len(there) < 2
        or not (is_asked or is_nested or _looks_like_one(there, target, named))
    ):
        raise _missing(there)
    by = "given" if overrides else "exact" if target == TARGET else "synonym" if named else "guess"
    return TableDetection(LAYOUT, {TARGET: target}, by, tuple(there), is_nested)


def _columns_of(rows: Sequence[ShapedRow], columns: Sequence[str] | None, *, is_nested: bool) -> Columns:
    found: Columns = {name: [] for name in columns or () if name}
    for row in rows:
        for name, cell in (row.shape[FEATURES] if is_nested else row.shape).items():
            # A column without a name holds the numbers that a data frame gives its rows.
            if name:
                cells = found.setdefault(name, [])
                if isinstance(cell, Cell):
                    cells.append(cell)
    return found


def _cell(value: object) -> Cell | None:
    if is_absent(value) or (isinstance(value, str) and value.strip().casefold() in MISSING):
        return None
    if isinstance(value, str):
        return Cell(number_of(value.strip()) is not None, length=len(value))
    if isinstance(value, list | tuple | dict):
        return Cell(is_nested=True)
    return Cell(is_number=True)


def _named_target(there: Columns) -> str | None:
    by_name = {folded(name): name for name in there}
    return next((by_name[name] for name in TARGETS if name in by_name), None)


def _looks_like_one(there: Columns, target: str, named: str | None) -> bool:
    """Numbers beside a target that is named, or mostly numbers; nowhere texts that somebody reads, or lists."""
    if any(cell.is_nested for cells in there.values() for cell in cells):
        return False
    rows = max(map(len, there.values()), default=0)
    if any(_mean_length(cells) > LONG_TEXT for cells in there.values()):
        return False
    features = [cells for name, cells in there.items() if name != target and cells]
    numbers = sum(_is_numbers(cells) for cells in features)
    if named is not None:
        return rows >= (FEWEST_ROWS_NAMED if numbers else FEWEST_ROWS_TO_GUESS) and len(features) > 1
    return rows >= FEWEST_ROWS_TO_GUESS and 0 < len(features) <= 2 * numbers


def _is_numbers(cells: list[Cell]) -> bool:
    return 10 * sum(cell.is_number for cell in cells) >= 9 * len(cells)


def _mean_length(cells: list[Cell]) -> float:
    return sum(cell.length for cell in cells) / len(cells) if cells else 0


def _check(given: Mapping[str, str], there: Columns) -> None:
    for field, column in given.items():
        if field != TARGET or column not in there:
            raise BadMappingError(
                field=shown_text(field), column=shown_text(column), fields=TARGET, columns=_shown(there)
            )


def _missing(there: Columns) -> MissingColumnError:
    ja, en = LAYOUT.words
    lacking = len(there) < 2
    return MissingColumnError(
        found=_shown(there) or "-",
        missing_ja="目的変数のほかの列" if lacking else "すべて",
        missing_en="columns beside the target" if lacking else "all",
        choices_ja=ja,
        choices_en=en,
    )


def _shown(there: Columns) -> str:
    names = [shown_text(name) for name in there]
    return ", ".join(names[:SHOWN_COLUMNS]) + (f", … ({len(names)})" if len(names) > SHOWN_COLUMNS else "")
