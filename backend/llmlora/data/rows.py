"""The canonical Parquet of a dataset: the columns of its kind, row groups of about 8 MiB, whole or absent."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from llmlora.contracts.dataset import Example
from llmlora.data.kinds.registry import family_of, find_kind
from llmlora.kit.files import fsync_path

GROUP_BYTES = 8 << 20
GROUP_ROWS = 20_000
BATCH_ROWS = 256


class RowsWriter:
    """Writes examples below a temporary name; `close()` makes them durable under `path`, `abandon()` leaves nothing."""

    def __init__(self, path: Path, kind: str) -> None:
        self.path = path
        self._family = family_of(kind)
        self._schema = self._family.schema()
        self.rows = 0
        self.text_bytes = 0
        self._temporary = path.with_name(f".{path.name}.tmp")
        metadata = {"llmlora.kind": kind, "llmlora.rows_version": "1"}
        self._file = self._temporary.open("wb")
        self._writer = pq.ParquetWriter(self._file, self._schema.with_metadata(metadata), compression="zstd")
        self._pending: list[Example] = []
        self._pending_bytes = 0

    def append(self, example: Example) -> None:
        """Add one example.

        Raises:
            OSError: the disk is full.
        """
        self._pending.append(example)
        size = self._family.size_of(example)
        self._pending_bytes += size
        self.text_bytes += size
        self.rows += 1
        if self._pending_bytes >= GROUP_BYTES or len(self._pending) >= GROUP_ROWS:
            self._flush()

    def close(self) -> None:
        """Write what is left, force it to disk and give it its name.

        Raises:
            OSError: the disk is full.
        """
        self._flush()
        self._writer.close()
        self._file.close()
        fsync_path(self._temporary)
        self._temporary.replace(self.path)
        fsync_path(self.path.parent)

    def abandon(self) -> None:
        """Remove what was written."""
        with suppress(OSError, ValueError):  # a full disk refuses the footer too
            self._writer.close()
        self._file.close()
        self._temporary.unlink(missing_ok=True)

    def _flush(self) -> None:
        if not self._pending:
            return
        columns = self._family.cells_of(self._pending)
        self._writer.write_batch(pa.record_batch(columns, schema=self._schema))
        self._pending, self._pending_bytes = [], 0


def read_examples(path: Path) -> Iterator[Example]:
    """All examples in order, in bounded memory.

    Raises:
        OSError: the file cannot be read.
        DataKindUnknownError: nobody knows their kind.
    """
    with pq.ParquetFile(path) as file:
        example_of = reader_of(file.schema_arrow)
        for batch in file.iter_batches(BATCH_ROWS, use_threads=False):
            yield from map(example_of, batch.to_pylist())


def read_page(path: Path, *, offset: int, limit: int) -> list[Example]:
    """Up to `limit` examples from the `offset`-th (from 0); only the row groups they lie in are read.

    Raises:
        OSError: the file cannot be read.
        DataKindUnknownError: nobody knows their kind.
    """
    page: list[Example] = []
    with pq.ParquetFile(path) as file:
        example_of = reader_of(file.schema_arrow)
        first = 0
        for group in range(file.metadata.num_row_groups):
            count = file.metadata.row_group(group).num_rows
            skip = max(0, offset - first)
            first += count
            if skip >= count:
                continue
            if len(page) >= limit:
                break
            table = file.read_row_group(group, use_threads=False).slice(skip, limit - len(page))
            page.extend(map(example_of, table.to_pylist()))
    return page


def kind_of_rows(path: Path) -> str:
    """The kind written into the file.

    Raises:
        OSError: the file cannot be read.
    """
    return _kind_of(pq.read_schema(path))


def _kind_of(schema: pa.Schema) -> str:
    return str(schema.metadata[b"llmlora.kind"].decode())


def reader_of(schema: pa.Schema) -> Callable[[dict[str, Any]], Example]:
    """What makes an example of a row of a file with this schema.

    Raises:
        DataKindUnknownError: nobody knows their kind.
    """
    kind = _kind_of(schema)
    return partial(family_of(kind).example_of, find_kind(kind))
