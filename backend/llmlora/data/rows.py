"""The canonical Parquet of a dataset: one schema for all kinds, row groups of about 8 MiB, whole or absent."""

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from llmlora.contracts.dataset import DatasetKind, Example, Message
from llmlora.kit.files import fsync_path

GROUP_BYTES = 8 << 20
GROUP_ROWS = 20_000
BATCH_ROWS = 256
_OVERHEAD_BYTES = 64

_MESSAGE = pa.struct(
    [
        pa.field("role", pa.string(), nullable=False),
        pa.field("content", pa.string(), nullable=False),
        pa.field("name", pa.string()),
        pa.field("reasoning", pa.string()),
        pa.field("tool_calls", pa.string()),
        pa.field("tool_call_id", pa.string()),
        pa.field("train", pa.bool_(), nullable=False),
    ]
)
_TEXTS = ("tools", "prompt", "completion", "chosen", "rejected")
SCHEMA = pa.schema(
    [
        pa.field("row", pa.int64(), nullable=False),
        pa.field("messages", pa.list_(_MESSAGE), nullable=False),
        *(pa.field(name, pa.string()) for name in _TEXTS),
    ]
)


class RowsWriter:
    """Writes examples below a temporary name; `close()` makes them durable under `path`, `abandon()` leaves nothing."""

    def __init__(self, path: Path, kind: DatasetKind) -> None:
        self.path = path
        self.rows = 0
        self.text_bytes = 0
        self._temporary = path.with_name(f".{path.name}.tmp")
        metadata = {"llmlora.kind": str(kind), "llmlora.rows_version": "1"}
        self._file = self._temporary.open("wb")
        self._writer = pq.ParquetWriter(self._file, SCHEMA.with_metadata(metadata), compression="zstd")
        self._pending: list[Example] = []
        self._pending_bytes = 0

    def append(self, example: Example) -> None:
        """Add one example.

        Raises:
            OSError: the disk is full.
        """
        self._pending.append(example)
        size = _size_of(example)
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
        columns: list[Any] = [pa.array([e.row for e in self._pending], pa.int64())]
        messages = [[_message_cells(m) for m in e.messages] for e in self._pending]
        columns.append(pa.array(messages, pa.list_(_MESSAGE)))
        texts = zip(*map(_texts_of, self._pending), strict=True)
        columns += [pa.array(column, pa.string()) for column in texts]
        self._writer.write_batch(pa.record_batch(columns, schema=SCHEMA))
        self._pending, self._pending_bytes = [], 0


def read_examples(path: Path) -> Iterator[Example]:
    """All examples in order, in bounded memory.

    Raises:
        OSError: the file cannot be read.
    """
    with pq.ParquetFile(path) as file:
        for batch in file.iter_batches(BATCH_ROWS, use_threads=False):
            yield from map(_example_of, batch.to_pylist())


def read_page(path: Path, *, offset: int, limit: int) -> list[Example]:
    """Up to `limit` examples from the `offset`-th (from 0); only the row groups they lie in are read.

    Raises:
        OSError: the file cannot be read.
    """
    page: list[Example] = []
    with pq.ParquetFile(path) as file:
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
            page.extend(map(_example_of, table.to_pylist()))
    return page


def kind_of_rows(path: Path) -> DatasetKind:
    """The kind written into the file.

    Raises:
        OSError: the file cannot be read.
    """
    metadata = pq.read_schema(path).metadata
    return DatasetKind(metadata[b"llmlora.kind"].decode())


def _message_cells(message: Message) -> dict[str, Any]:
    return {
        "role": message.role,
        "content": message.content,
        "name": message.name,
        "reasoning": message.reasoning,
        "tool_calls": message.tool_calls,
        "tool_call_id": message.tool_call_id,
        "train": message.train,
    }


def _texts_of(example: Example) -> tuple[str | None, ...]:
    """In the order of `_TEXTS`."""
    return example.tools, example.prompt, example.completion, example.chosen, example.rejected


def _size_of(example: Example) -> int:
    turns = sum(
        len(m.content) + len(m.reasoning or "") + len(m.tool_calls or "") + _OVERHEAD_BYTES
        for m in example.messages
    )
    return turns + sum(len(text) for text in _texts_of(example) if text) + _OVERHEAD_BYTES


def _example_of(cells: dict[str, Any]) -> Example:
    """An example from our own file: it was validated when it entered."""
    messages = tuple(Message.model_construct(**cells_of_turn) for cells_of_turn in cells.pop("messages"))
    return Example.model_construct(messages=messages, **cells)
