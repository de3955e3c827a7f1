"""A data set's own file as a table in memory, column by column."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from llmlora.data.kinds.table.examples import as_table_row
from llmlora.data.kinds.table.tally import Column, ColumnType, Remark, TableTally, Task
from llmlora.data.rows import read_examples
from llmlora.data.scalars import Scalar


@dataclass(frozen=True)
class Table:
    """All rows. `features`: of each column its cells, as many as there are `targets`; `rows`: their numbers in the file.

    `remarks`: columns that nothing is to be learned from, and why.
    """

    columns: tuple[Column, ...]
    target_name: str
    target_type: ColumnType
    task: Task
    features: Mapping[str, list[Scalar]]
    targets: list[bool | int | float | str]
    rows: list[int]
    remarks: tuple[Remark, ...]


def read_table(path: Path) -> Table:
    """Every row, in order.

    Raises:
        OSError: the file cannot be read.
    """
    tally = TableTally()
    features: dict[str, list[Scalar]] = {}
    targets: list[bool | int | float | str] = []
    rows: list[int] = []
    for example in map(as_table_row, read_examples(path)):
        tally.note(example)
        for name, value in example.features.items():
            cells = features.setdefault(name, [])
            cells.extend([None] * (len(targets) - len(cells)))
            cells.append(value)
        targets.append(example.target)
        rows.append(example.row)
    for cells in features.values():
        cells.extend([None] * (len(targets) - len(cells)))
    return Table(
        tally.columns(),
        tally.target_name,
        tally.target.type,
        tally.task,
        features,
        targets,
        rows,
        tally.remarks(),
    )
