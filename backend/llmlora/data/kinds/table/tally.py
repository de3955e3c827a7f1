"""What the columns of a table are, by all of their cells, and what one should know of its rows before training on them."""

import hashlib
from collections import Counter
from dataclasses import dataclass
from typing import Literal

from llmlora.data.columns import folded
from llmlora.data.kinds.table.examples import TableExample
from llmlora.data.scalars import Scalar, is_date, number_and_name, truth_of

ColumnType = Literal["number", "boolean", "category", "date", "text", "empty"]
"""`date` and `text` (a value of its own in most rows, such as names) are no features: a date tells a model nothing until its parts
are columns (month, weekday, days since), and a text that no other row has cannot be learned from."""
Task = Literal["classification", "regression"]
Reason = Literal["identifier", "equals_target", "determines_target", "constant", "date", "text", "empty"]

MOST_DISTINCT = 1000
"""Values of a column that are told apart; of more it is only known that there are more."""
MOST_CATEGORIES = 200
FEW_VALUES = 20
"""A text column of up to so many values is one of categories whatever the rows; whole numbers of so few are classes."""
IDENTIFIERS = frozenset(
    {"id", "index", "no", "no.", "number", "key", "uuid", "row", "row_id", "unnamed:_0", "番号", "連番", "行番号", "識別子", "通し番号"}
)  # fmt: skip
FEWEST_ROWS_FOR_REMARKS = 10
MOST_PAIRS = 1000


@dataclass(frozen=True)
class Column:
    """One column. `missing`: rows without a value; `distinct`: values told apart, at most `MOST_DISTINCT` + 1."""

    name: str
    type: ColumnType
    missing: int
    distinct: int


@dataclass(frozen=True)
class Remark:
    """Why a column should be left out of the training."""

    column: str
    reason: Reason


class ColumnTally:
    """Counts the cells of one column as they pass."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.missing = self.present = 0
        self._numbers = self._truths = self._dates = self._whole = 0
        self._names: set[str] = set()
        self._is_sequence = True
        self._last: float | None = None

    def note(self, value: Scalar, number: float | None, name: str) -> None:
        """Count one cell; `number` and `name` as `values.number_and_name` has them."""
        if value is None:
            self.missing += 1
            return
        self.present += 1
        if number is not None:
            self._numbers += 1
            self._whole += number.is_integer()
        elif truth_of(value) is not None:
            self._truths += 1
        elif is_date(value):
            self._dates += 1
        if self._is_sequence:
            self._is_sequence = number is not None and (self._last is None or number == self._last + 1)
            self._last = number
        if len(self._names) <= MOST_DISTINCT:
            self._names.add(name)

    def lacks(self, rows: int) -> None:
        """So many rows that have passed did not name the column."""
        self.missing += rows - self.missing - self.present

    @property
    def distinct(self) -> int:
        """Values told apart."""
        return len(self._names)

    @property
    def is_whole(self) -> bool:
        """All of its cells are whole numbers."""
        return self.present > 0 and self._whole == self.present

    @property
    def type(self) -> ColumnType:
        """By all of its cells."""
        if not self.present:
            return "empty"
        if self._truths == self.present:
            return "boolean"
        if self._numbers == self.present:
            return "number"
        if self._dates == self.present:
            return "date"
        is_own = self.distinct > FEW_VALUES and 2 * self.distinct > self.present
        return "text" if self.distinct > MOST_CATEGORIES or is_own else "category"

    @property
    def is_identifier(self) -> bool:
        """A number of the row: counted through, or named as one and another in every row."""
        if self.present < FEWEST_ROWS_FOR_REMARKS or self._whole != self.present or self.missing:
            return False
        name = folded(self.name)
        is_named = name in IDENTIFIERS or name.endswith("_id") or name.endswith("番号")
        return self._is_sequence or (is_named and self.distinct >= min(self.present, MOST_DISTINCT))


class _Pairing:
    """Whether each value of a column stands with one value of the target alone, and the other way round."""

    def __init__(self) -> None:
        self._there: dict[str, str] | None = {}
        self._back: dict[str, str] = {}
        self.rows = 0
        self.equal = True

    def note(self, value: str, target: str) -> None:
        """Count one row."""
        self.rows += 1
        self.equal = self.equal and value == target
        if self._there is None:
            return
        fits = (
            self._there.setdefault(value, target) == target and self._back.setdefault(target, value) == value
        )
        if not fits or len(self._there) > MOST_PAIRS:
            self._there = None

    @property
    def reason(self) -> Reason | None:
        """What it gives away. Of values that hardly come again nothing can be said."""
        if self.rows < FEWEST_ROWS_FOR_REMARKS:
            return None
        if self.equal:
            return "equals_target"
        told = self._there is not None and len(self._there) > 1 and 2 * len(self._there) <= self.rows
        return "determines_target" if told else None


class TableTally:
    """Counts rows as they pass; of each no more is kept than a digest."""

    def __init__(self) -> None:
        self.rows = 0
        self.target_name = ""
        self.target = ColumnTally("")
        self.classes: Counter[str] = Counter()
        self.repeats = 0
        self.contradictions: list[tuple[int, int]] = []
        self._columns: dict[str, ColumnTally] = {}
        self._pairings: dict[str, _Pairing] = {}
        self._first: dict[bytes, tuple[int, str]] = {}

    def note(self, one: TableExample) -> None:
        """Count one row."""
        self.rows += 1
        self.target_name = self.target_name or one.target_name
        number, target = number_and_name(one.target)
        self.target.note(one.target, number, target)
        if len(self.classes) <= MOST_DISTINCT or target in self.classes:
            self.classes[target] += 1
        names = []
        for column, value in one.features.items():
            if column not in self._columns:
                self._columns[column], self._pairings[column] = ColumnTally(column), _Pairing()
                self._columns[column].lacks(self.rows - 1)
            number, name = number_and_name(value)
            self._columns[column].note(value, number, name)
            self._pairings[column].note(name, target)
            names.append(name)
        self._compare(one.row, names, target)

    def _compare(self, number: int, names: list[str], target: str) -> None:
        """`names`: of the cells, whose columns stand in one order in all rows of a data set."""
        key = hashlib.blake2b("\0".join(names).encode(), digest_size=12).digest()
        row, before = self._first.setdefault(key, (number, target))
        if row == number:
            return
        if before == target:
            self.repeats += 1
        else:
            self.contradictions.append((row, number))

    def columns(self) -> tuple[Column, ...]:
        """All but the target, in the order in which they were met."""
        for tally in self._columns.values():
            tally.lacks(self.rows)
        return tuple(Column(name, one.type, one.missing, one.distinct) for name, one in self._columns.items())

    @property
    def task(self) -> Task:
        """Names and truths are classes, and whole numbers of which few come again and again; other numbers are amounts."""
        target = self.target
        if target.type != "number":
            return "classification"
        comes_again = target.distinct <= FEW_VALUES and 2 * target.distinct <= target.present
        return "classification" if target.is_whole and comes_again else "regression"

    def remarks(self) -> tuple[Remark, ...]:
        """Columns that nothing can be learned from, or that give the answer away."""
        found: list[Remark] = []
        for column in self.columns():
            reason = self._reason(column)
            if reason is not None:
                found.append(Remark(column.name, reason))
        return tuple(found)

    def _reason(self, column: Column) -> Reason | None:
        if column.type in ("empty", "date", "text"):
            return column.type
        if column.distinct == 1 and not column.missing and self.rows >= FEWEST_ROWS_FOR_REMARKS:
            return "constant"
        if self._columns[column.name].is_identifier:
            return "identifier"
        return self._pairings[column.name].reason
