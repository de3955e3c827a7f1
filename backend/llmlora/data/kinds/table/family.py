"""The family of tables, as generic code meets it."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from llmlora.contracts.dataset import Example
from llmlora.data.cells import CellRefusedError
from llmlora.data.kinds.protocol import DataKind, Detection, Layout, ShapedRow, Unread
from llmlora.data.kinds.table.detect import (
    FEATURES,
    KIND,
    LAYOUT,
    TARGET,
    TableDetection,
    detect,
    is_nested_row,
    shaped_row,
)
from llmlora.data.kinds.table.examples import TableExample, as_table_row
from llmlora.data.kinds.table.refusals import REFUSAL_NAMES, REFUSALS
from llmlora.data.kinds.table.summary import TableSummary
from llmlora.data.raw import RawRow
from llmlora.data.refusals import Refusal, refuse
from llmlora.data.scalars import Scalar, scalar_of
from llmlora.data.soundness import Asked
from llmlora.data.written import dumps, loads

if TYPE_CHECKING:
    import pyarrow as pa

    from llmlora.data.media import MediaSource

LONGEST_TARGET = 200
SHOWN_CHARACTERS = 200
_OVERHEAD_BYTES = 96
_CELL_BYTES = 24


class Tables:
    """A `Family`."""

    kinds = (KIND,)
    layouts = (LAYOUT,)
    list_columns: frozenset[str] = frozenset()
    refusals: Mapping[str, tuple[str, str]] = REFUSALS
    refusal_names: Mapping[str, tuple[str, str]] = REFUSAL_NAMES

    def shaped(self, row: RawRow) -> ShapedRow:
        """Types and lengths of its cells."""
        return shaped_row(row)

    def detect(
        self,
        rows: Sequence[ShapedRow],
        columns: Sequence[str] | None,
        *,
        kind: str | None,
        overrides: Mapping[str, str],
    ) -> Detection:
        """By the name of the target, and by how many columns are numbers."""
        return detect(rows, columns, kind=kind, overrides=overrides)

    def to_example(
        self, row: RawRow, detection: Detection, unread: Unread, _media: "MediaSource"
    ) -> Example | Refusal:
        """The row's cells and its target."""
        if row.problem is not None:
            return row.problem
        assert isinstance(detection, TableDetection)
        target_name = detection.mapping[TARGET]
        nested = row.cells.get(FEATURES)
        cells = (
            {**nested, TARGET: row.cells[TARGET]}
            if isinstance(nested, dict) and is_nested_row(row.cells)
            else row.cells
        )
        unread.update(dict.fromkeys(name for name in cells if name and name not in detection.columns))
        try:
            target = scalar_of(cells.get(target_name), target_name)
            if target is None:
                raise CellRefusedError("no_target", target_name)
            if isinstance(target, str) and len(target) > LONGEST_TARGET:
                raise CellRefusedError("target_too_long", target_name, limit=LONGEST_TARGET)
            features = {
                name: scalar_of(cells.get(name), name) for name in detection.columns if name != target_name
            }
        except CellRefusedError as refused:
            return refuse(row.number, refused.reason, refused.column, REFUSALS, **refused.facts)
        return TableExample(row=row.number, features=features, target=target, target_name=target_name)

    def other_layout(self, _row: RawRow, _detection: Detection) -> Layout | None:
        """A row without a target is only faulty."""
        return None

    def shown(self, example: Example) -> Example:
        """With cells that are cut."""
        one = as_table_row(example)
        cut = {name: _cut(value) for name, value in one.features.items()}
        return one.model_copy(update={"features": cut})

    def asked_of(self, example: Example) -> Asked:
        """The cells, and the target as an answer."""
        one = as_table_row(example)
        return Asked(one.row, dumps(one.features), str(one.target))

    def summary(self) -> TableSummary:
        """Columns, target, leaks, repeats."""
        return TableSummary()

    def schema(self) -> "pa.Schema":
        """Row, cells and target as JSON text, and the target's name: the columns of a file are its own."""
        import pyarrow as pa

        texts = (FEATURES, TARGET, "target_name")
        return pa.schema(
            [pa.field("row", pa.int64(), nullable=False)]
            + [pa.field(name, pa.string(), nullable=False) for name in texts]
        )

    def cells_of(self, examples: Sequence[Example]) -> "list[pa.Array]":
        """In the order of the schema."""
        import pyarrow as pa

        ours = [as_table_row(one) for one in examples]
        return [
            pa.array([one.row for one in ours], pa.int64()),
            pa.array([dumps(one.features) for one in ours], pa.string()),
            pa.array([dumps(one.target) for one in ours], pa.string()),
            pa.array([one.target_name for one in ours], pa.string()),
        ]

    def example_of(self, _kind: DataKind, cells: dict[str, Any]) -> Example:
        """From our own file: it was validated when it entered."""
        return TableExample.model_construct(
            row=cells["row"],
            features=loads(cells[FEATURES]),
            target=loads(cells[TARGET]),
            target_name=cells["target_name"],
        )

    def size_of(self, example: Example) -> int:
        """Its names and cells, which every row carries."""
        one = as_table_row(example)
        sizes = (
            len(name) + (len(value) if isinstance(value, str) else _CELL_BYTES)
            for name, value in one.features.items()
        )
        return sum(sizes) + _OVERHEAD_BYTES


def _cut(value: Scalar) -> Scalar:
    is_long = isinstance(value, str) and len(value) > SHOWN_CHARACTERS
    return f"{value[:SHOWN_CHARACTERS]}…" if is_long and isinstance(value, str) else value


FAMILY = Tables()
