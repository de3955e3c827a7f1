"""One row as its file tells it, and the bounds on what a file may hold."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from llmlora.data.refusals import Refusal

MAX_ROW_BYTES = 16 << 20  # a novel is 1 MiB; beyond this a line is a mistake or an attack
MAX_CELL_BYTES = 4 << 20
MAX_COLUMNS = 1024
CHUNK_BYTES = 1 << 20
MIB = 1 << 20


class SourceFormat(StrEnum):
    """What a file is, by its content."""

    JSON = "json"
    JSONL = "jsonl"
    CSV = "csv"
    TSV = "tsv"
    PARQUET = "parquet"
    ZIP = "zip"
    """Several files of rows, each of one of the other formats."""

    @property
    def tabular(self) -> bool:
        """All rows have the same columns."""
        return self in (SourceFormat.CSV, SourceFormat.TSV, SourceFormat.PARQUET)


@dataclass(frozen=True, slots=True)
class SheetRows:
    """Where rows of a table stand when a spreadsheet shows it: row n in line `header_row + n`, and one further for each of
    `blanks`, the rows before which a blank line stands, that is not above n."""

    header_row: int
    blanks: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class RawRow:
    """A row before it has a meaning. `number` counts from 1: the line in JSONL, the record elsewhere.

    `problem`: the row could not be read; `cells` is empty then.
    """

    number: int
    cells: dict[str, Any] = field(default_factory=dict)
    problem: Refusal | None = None
