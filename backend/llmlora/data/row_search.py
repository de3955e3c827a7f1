"""Rows of a data set that hold some words, are so long, or have certain numbers: looked for in its Parquet, batch by batch.

It knows no kind of data: it looks into every text that a row holds, whatever the columns are called.
"""

import time
import unicodedata
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from llmlora.contracts.dataset import Example
from llmlora.data.rows import reader_of

SEARCH_ROWS = 8192
ROLE = "role"
"""What tells the turns of a row apart, in a list of them."""


@dataclass(frozen=True)
class Wanted:
    """What a row has to be. `part`: only in this column, or in turns of this role; lengths are of all its texts, in
    characters; `rows`: their numbers; `from_row`: at least this number."""

    words: str | None = None
    part: str | None = None
    shortest: int | None = None
    longest: int | None = None
    rows: Collection[int] | None = None
    from_row: int | None = None


@dataclass
class FoundRows:
    """Places (from 0) and rows, in order. `looked_at`: rows that were looked at, from the offset on; `next`: where to go on,
    None at the end."""

    places: list[int] = field(default_factory=list)
    examples: list[Example] = field(default_factory=list)
    looked_at: int = 0
    next: int | None = None


def search_rows(path: Path, wanted: Wanted, *, offset: int, limit: int, for_s: float) -> FoundRows:
    """Up to `limit` rows from the `offset`-th on (from 0), as far as `for_s` seconds reach; one batch is always looked at.

    Raises:
        OSError: the file cannot be read.
        DataKindUnknownError: nobody knows their kind.
    """
    found, until = FoundRows(), time.monotonic() + for_s
    with pq.ParquetFile(path) as file:
        example_of = reader_of(file.schema_arrow)
        place = offset
        for batch in _batches(file, offset):
            fitting = pc.indices_nonzero(_fitting(batch, wanted)).to_pylist()
            taken = fitting[: limit - len(found.places)]
            rows = batch.take(pa.array(taken, pa.int64())).to_pylist()
            found.places += [place + at for at in taken]
            found.examples += map(example_of, rows)
            is_full = len(found.places) == limit
            seen = taken[-1] + 1 if is_full and taken else batch.num_rows
            found.looked_at += seen
            place += seen
            if is_full or time.monotonic() > until:
                break
        found.next = place if place < file.metadata.num_rows else None
    return found


def _batches(file: pq.ParquetFile, offset: int) -> Iterator[pa.RecordBatch]:
    """All rows from the `offset`-th on; row groups that lie before it are not read."""
    first = 0
    for group in range(file.metadata.num_row_groups):
        count = file.metadata.row_group(group).num_rows
        skip = max(0, offset - first)
        first += count
        if skip >= count:
            continue
        for batch in file.iter_batches(SEARCH_ROWS, row_groups=[group], use_threads=False):
            if skip < batch.num_rows:
                yield batch.slice(skip)
            skip = max(0, skip - batch.num_rows)


def _fitting(batch: pa.RecordBatch, wanted: Wanted) -> pa.Array:
    """Which rows are wanted, as truth values."""
    fitting = pa.array([True] * batch.num_rows, pa.bool_())
    if wanted.rows is not None:
        numbers = pa.array(sorted(wanted.rows), pa.int64())
        fitting = pc.and_(fitting, pc.is_in(batch["row"], value_set=numbers))
    if wanted.from_row is not None:
        fitting = pc.and_(fitting, pc.greater_equal(batch["row"], wanted.from_row))
    if wanted.words or wanted.part:
        fitting = pc.and_(fitting, _holding(batch, wanted.words or "", wanted.part))
    if wanted.shortest is not None or wanted.longest is not None:
        lengths = _lengths(batch)
        fitting = pc.and_(fitting, pc.greater_equal(lengths, wanted.shortest or 0))
        if wanted.longest is not None:
            fitting = pc.and_(fitting, pc.less_equal(lengths, wanted.longest))
    return fitting


def _holding(batch: pa.RecordBatch, words: str, part: str | None) -> pa.Array:
    """Rows of which a text (of that part) holds the words, whatever their case; of no words: that is not empty."""
    forms = {words, unicodedata.normalize("NFKC", words)}
    holding = pa.array([False] * batch.num_rows, pa.bool_())
    for texts, parents in _texts(batch, part):
        mask = pc.greater(pc.utf8_length(texts), 0) if not words else None
        for form in forms if words else ():
            one = pc.match_substring(texts, form, ignore_case=True)
            mask = one if mask is None else pc.or_(mask, one)
        mask = pc.fill_null(mask, False)
        if parents is not None:
            rows = pc.unique(parents.filter(mask))
            mask = pc.is_in(pa.array(range(batch.num_rows), pa.int64()), value_set=rows.cast(pa.int64()))
        holding = pc.or_(holding, mask)
    return holding


def _lengths(batch: pa.RecordBatch) -> pa.Array:
    """Characters of all texts of each row."""
    total = pa.array([0] * batch.num_rows, pa.int64())
    for texts, parents in _texts(batch, None):
        sizes = pc.fill_null(pc.utf8_length(texts), 0).cast(pa.int64())
        if parents is not None:
            table = pa.table({"row": parents.cast(pa.int64()), "size": sizes})
            summed = table.group_by("row").aggregate([("size", "sum")])
            place = pc.index_in(pa.array(range(batch.num_rows), pa.int64()), value_set=summed["row"])
            sizes = pc.fill_null(pc.take(summed["size_sum"].combine_chunks(), place), 0)
        total = pc.add(total, sizes)
    return total


def _texts(batch: pa.RecordBatch, part: str | None) -> Iterator[tuple[pa.Array, pa.Array | None]]:
    """The texts that rows hold, and which row each is of (None: one a row). The role of a turn is no text of it."""
    for name, column in zip(batch.schema.names, batch.columns, strict=True):
        if pa.types.is_string(column.type) and part in (None, name):
            yield column, None
        elif pa.types.is_list(column.type) and pa.types.is_struct(column.type.value_type):
            turns, parents = pc.list_flatten(column), pc.list_parent_indices(column)
            names = [one.name for one in column.type.value_type]
            if part not in (None, name):
                if ROLE not in names:
                    continue
                mine = pc.equal(pc.struct_field(turns, ROLE), part)
                turns, parents = turns.filter(mine), parents.filter(mine)
            for one in column.type.value_type:
                if pa.types.is_string(one.type) and one.name != ROLE:
                    yield pc.struct_field(turns, one.name), parents
