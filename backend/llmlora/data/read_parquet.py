"""Parquet as rows, decoded 128 rows at a time: a page that unfolds to gigabytes meets the process's memory limit."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from llmlora.data.arrow_values import value_of
from llmlora.data.errors import (
    DamagedParquetError,
    DuplicateColumnError,
    TooManyColumnsError,
    TruncatedParquetError,
)
from llmlora.data.raw import MAX_COLUMNS, RawRow
from llmlora.data.refusals import refuse, shown_text

MAGIC = b"PAR1"
BATCH_ROWS = 128


class ParquetRows:
    """Rows of a Parquet file, of some of its columns.

    Raises (at the start and while reading):
        TruncatedParquetError, DamagedParquetError, TooManyColumnsError, DuplicateColumnError.
    """

    def __init__(self, path: Path, wanted: Sequence[str] | None) -> None:
        with path.open("rb") as stream:
            stream.seek(-4, 2)
            if stream.read(4) != MAGIC:
                raise TruncatedParquetError()
        self.rows_done = 0
        try:
            self._file = pq.ParquetFile(path, memory_map=False, pre_buffer=False)
            self.columns = tuple(self._file.schema_arrow.names)
        except MemoryError:
            raise
        except (pa.ArrowException, OSError, ValueError) as error:
            raise self._damaged(error) from error
        if len(self.columns) > MAX_COLUMNS:
            raise TooManyColumnsError(count=len(self.columns), limit=MAX_COLUMNS)
        for name in self.columns:
            if self.columns.count(name) > 1:
                raise DuplicateColumnError(column=shown_text(name))
        self._wanted = [name for name in self.columns if wanted is None or name in wanted]

    @property
    def share_done(self) -> float:
        """0 to 1."""
        return self.rows_done / max(1, int(self._file.metadata.num_rows))

    def __iter__(self) -> Iterator[RawRow]:
        batches = self._file.iter_batches(BATCH_ROWS, columns=self._wanted, use_threads=False)
        while True:
            try:
                batch = next(batches, None)
            except MemoryError:
                raise
            except (pa.ArrowException, OSError) as error:
                raise self._damaged(error) from error
            if batch is None:
                return
            for cells in self._rows_of(batch):
                self.rows_done += 1
                yield RawRow(self.rows_done, cells) if isinstance(cells, dict) else cells

    def _rows_of(self, batch: Any) -> Sequence[dict[str, Any] | RawRow]:
        """Python values of a batch; row by row where one of them has no Python value."""
        try:
            return self._cleaned(batch.to_pylist(), batch.schema)
        except MemoryError:
            raise
        except (pa.ArrowException, ValueError, OverflowError, UnicodeDecodeError):
            return [self._row_of(batch, index) for index in range(batch.num_rows)]

    def _row_of(self, batch: Any, index: int) -> dict[str, Any] | RawRow:
        try:
            row = self._cleaned(batch.slice(index, 1).to_pylist(), batch.schema)[0]
        except UnicodeDecodeError:
            number = self.rows_done + 1 + index
            return RawRow(number, problem=refuse(number, "undecodable_bytes"))
        except (pa.ArrowException, ValueError, OverflowError) as error:
            number = self.rows_done + 1 + index
            return RawRow(number, problem=refuse(number, "unreadable_value", detail=str(error)))
        return row

    def _cleaned(self, rows: list[dict[str, Any]], schema: Any) -> list[dict[str, Any]]:
        return [{field.name: value_of(row[field.name], field.type) for field in schema} for row in rows]

    def _damaged(self, error: Exception) -> DamagedParquetError:
        return DamagedParquetError(rows=self.rows_done, reason=shown_text(str(error).splitlines()[0]))
