"""CSV and TSV as rows, numbered by record: line breaks inside quotes do not shift the numbers."""

import csv
import io
from collections import Counter
from collections.abc import Iterator

from llmlora.data.errors import (
    CellTooLongError,
    DuplicateColumnError,
    RowTooLongError,
    TooManyColumnsError,
    UnclosedQuoteError,
    UnreadableFormatError,
)
from llmlora.data.raw import MAX_CELL_BYTES, MAX_COLUMNS, MAX_ROW_BYTES, MIB, RawRow, SheetRows
from llmlora.data.refusals import refuse, shown_text

DELIMITERS = (",", "\t", ";")
MOST_BLANKS = 1000
"""Blank lines of which it is known where they stand."""
# Appended behind the last line: a record of its own, unless a quote is still open.
_END = "\x00llmlora-end-of-file"


class CsvRows:
    """Records of a table with a header line.

    Raises (while reading):
        RowTooLongError, CellTooLongError, UnclosedQuoteError, TooManyColumnsError, DuplicateColumnError,
        UnreadableFormatError.
    """

    def __init__(self, text: io.TextIOBase, delimiter: str) -> None:
        csv.field_size_limit(MAX_CELL_BYTES)
        self._number = 0
        self._blanks: list[int] = []
        self._header_row = 1
        self._records = csv.reader(self._lines(text), delimiter=delimiter)
        self.columns = self._read_header()

    def __iter__(self) -> Iterator[RawRow]:
        while (record := self._next_record()) is not None:
            self._number += 1
            yield self._row_of(record)

    @property
    def sheet(self) -> SheetRows | None:
        """Where the rows read so far stand in a spreadsheet; None where there are too many blank lines."""
        return SheetRows(self._header_row, tuple(self._blanks)) if len(self._blanks) <= MOST_BLANKS else None

    def _row_of(self, record: list[str]) -> RawRow:
        width = len(self.columns)
        if len(record) > width and not any(record[width:]):
            record = record[:width]
        if len(record) != width:
            problem = refuse(self._number, "ragged_row", found=len(record), expected=width)
            return RawRow(self._number, problem=problem)
        return RawRow(self._number, dict(zip(self.columns, record, strict=True)))

    def _next_record(self) -> list[str] | None:
        """The next record that is not blank."""
        while True:
            try:
                record = next(self._records, None)
            except csv.Error as error:
                raise self._refused(error) from error
            if record is None or record == [_END]:
                return None
            if record and _END in record[-1]:
                raise UnclosedQuoteError(row=self._number + 1)
            if any(record):
                return record
            if len(self._blanks) <= MOST_BLANKS:
                self._blanks.append(self._number + 1)

    def _refused(self, error: csv.Error) -> CellTooLongError | UnreadableFormatError:
        if "field larger" in str(error):
            return CellTooLongError(row=self._number + 1, limit_mib=MAX_CELL_BYTES // MIB)
        return UnreadableFormatError(name=f"(row {self._number + 1})", reason=shown_text(str(error)))

    def _read_header(self) -> tuple[str, ...]:
        header = [name.strip() for name in self._next_record() or []]
        self._header_row, self._blanks = len(self._blanks) + 1, []
        while header and not header[-1]:
            header.pop()
        if len(header) > MAX_COLUMNS:
            raise TooManyColumnsError(count=len(header), limit=MAX_COLUMNS)
        for name, count in Counter(header).items():
            if count > 1 and name:
                raise DuplicateColumnError(column=shown_text(name))
        return tuple(header)

    def _lines(self, text: io.TextIOBase) -> Iterator[str]:
        line = "\n"
        while following := text.readline(MAX_ROW_BYTES + 1):
            if len(following) > MAX_ROW_BYTES:
                raise RowTooLongError(row=self._number + 1, limit_mib=MAX_ROW_BYTES // MIB)
            line = following
            yield line
        yield _END if line.endswith(("\n", "\r")) else "\n"
        if not line.endswith(("\n", "\r")):
            yield _END


def delimiter_of(head: str) -> str:
    """The delimiter that cuts the first record into the most cells; a comma where none does."""
    counts = {}
    for delimiter in DELIMITERS:
        lines = iter(head.splitlines(keepends=True))
        try:
            counts[delimiter] = len(next((r for r in csv.reader(lines, delimiter=delimiter) if any(r)), []))
        except csv.Error:
            counts[delimiter] = 0
    return max(DELIMITERS, key=lambda delimiter: counts[delimiter])
