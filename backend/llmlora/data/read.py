"""Any supported file as a stream of numbered rows; the format is told by the content, not the name."""

import io
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import orjson

from llmlora.data.encodings import Utf8Stream, codec_named, encoding_of_file, is_wide, wide_encoding_of
from llmlora.data.errors import EmptyFileError, UnreadableFormatError
from llmlora.data.raw import CHUNK_BYTES, RawRow, SheetRows, SourceFormat
from llmlora.data.read_csv import CsvRows, delimiter_of
from llmlora.data.read_json import rows_of_document, rows_of_lines
from llmlora.data.read_parquet import MAGIC, ParquetRows

HEAD_BYTES = 4096
SNIFFED_LINES = 20
NUL_SHARE = 100  # one NUL in a hundred bytes: no text; fewer cost only the rows they stand in
_ARCHIVES = {
    b"PK\x03\x04": "Excel/zip",
    b"\x1f\x8b": "gzip",
    b"\xd0\xcf\x11\xe0": "Excel",
    b"\x28\xb5\x2f\xfd": "zstd",
    b"BZh": "bzip2",
    b"\xfd7zXZ": "xz",
    b"7z\xbc\xaf": "7z",
    b"%PDF": "PDF",
}


_PACKED = frozenset({b"PK\x03\x04", b"\x1f\x8b", b"\x28\xb5\x2f\xfd", b"BZh", b"\xfd7zXZ", b"7z\xbc\xaf"})


def packed_format_of(head: bytes) -> str | None:
    """The format of an archive, or of a packed file, by its first bytes; None where it is none."""
    return next((_ARCHIVES[magic] for magic in _PACKED if head.startswith(magic)), None)


@dataclass
class Source:
    """An open file. `columns` is None where every row names its own."""

    format: SourceFormat
    columns: tuple[str, ...] | None
    rows: Iterator[RawRow]
    size_bytes: int
    _stream: Utf8Stream | None = None
    _parquet: ParquetRows | None = None
    _table: CsvRows | None = None

    @property
    def sheet(self) -> SheetRows | None:
        """Where the rows that have passed stand in a spreadsheet; None of a file that is no table of text."""
        return None if self._table is None else self._table.sheet

    @property
    def encoding(self) -> str | None:
        """The encoding as far as it is known by now; None for binary formats."""
        return None if self._stream is None else self._stream.encoding

    @property
    def bytes_read(self) -> int:
        """How far reading is, of `size_bytes`."""
        if self._stream is not None:
            return self._stream.bytes_read
        assert self._parquet is not None
        return int(self._parquet.share_done * self.size_bytes)


@contextmanager
def open_source(
    path: Path, *, columns: Sequence[str] | None = None, encoding: str | None = None
) -> Iterator[Source]:
    """Open a file and tell its format. `columns` limits what is decoded of a Parquet file.

    `encoding`: that of a text file; None: it is told by the text.

    Raises:
        FileRefusedError: one of its leaves in `data.errors`, here or while rows are read.
    """
    size = path.stat().st_size
    if size == 0:
        raise EmptyFileError(name=path.name)
    with path.open("rb") as file:
        head = file.read(HEAD_BYTES)
    if head.startswith(MAGIC):
        parquet = ParquetRows(path, columns)
        yield Source(SourceFormat.PARQUET, parquet.columns, iter(parquet), size, _parquet=parquet)
        return
    for magic, name in _ARCHIVES.items():
        if head.startswith(magic):
            raise UnreadableFormatError(name=path.name, reason=name)
    codec = _codec_of(path, head, encoding)
    format_, delimiter = _sniff_text(path, codec)
    with Utf8Stream(path, codec) as stream:
        yield _text_source(stream, format_, delimiter, size)


def _text_source(stream: Utf8Stream, format_: SourceFormat, delimiter: str, size: int) -> Source:
    if format_ is SourceFormat.JSONL:
        return Source(format_, None, rows_of_lines(stream.chunks()), size, _stream=stream)
    if format_ is SourceFormat.JSON:
        return Source(format_, None, rows_of_document(stream.chunks()), size, _stream=stream)
    text = io.TextIOWrapper(
        io.BufferedReader(stream, CHUNK_BYTES), encoding="utf-8", errors="surrogateescape", newline=""
    )
    table = CsvRows(text, delimiter)
    return Source(format_, table.columns, iter(table), size, _stream=stream, _table=table)


def _codec_of(path: Path, head: bytes, named: str | None) -> str:
    """What the user says, else what the text says."""
    codec = wide_encoding_of(head) if named is None else codec_named(named)
    if codec is None or not is_wide(codec):
        _refuse_binary(head, path.name)
    return codec or encoding_of_file(path)


def _refuse_binary(head: bytes, name: str) -> None:
    if head.count(b"\x00") * NUL_SHARE > len(head):
        raise UnreadableFormatError(name=name, reason=("バイナリのデータ", "binary data"))


def _sniff_text(path: Path, encoding: str) -> tuple[SourceFormat, str]:
    """The format of a text file, and the delimiter of a table."""
    with Utf8Stream(path, encoding) as stream:
        chunks = [c for c in islice(stream.chunks(), 2) if c]
    head = b"".join(chunks)[:CHUNK_BYTES]
    whole = len(head) < CHUNK_BYTES
    text = head.lstrip()
    if not text and whole:
        raise EmptyFileError(name=path.name)
    if not text:
        raise UnreadableFormatError(name=path.name, reason=("先頭の 1 MiB が空白", "1 MiB of blanks"))
    _refuse_binary(head, path.name)
    if text.startswith(b"["):
        return SourceFormat.JSON, ""
    if text.startswith(b"{"):
        return (SourceFormat.JSONL if _looks_like_lines(text, whole=whole) else SourceFormat.JSON), ""
    delimiter = delimiter_of(head.decode("utf-8", "replace"))
    return (SourceFormat.TSV if delimiter == "\t" else SourceFormat.CSV), delimiter


def _looks_like_lines(text: bytes, *, whole: bool) -> bool:
    """Half of the first lines are objects of their own. One lone object is a document (it may hold an array)."""
    lines = [line for line in text.split(b"\n") if line.strip()]
    if not whole:
        lines = lines[:-1]
    if len(lines) < 2:
        return not whole and bool(lines) and _is_object(lines[0])
    first = lines[:SNIFFED_LINES]
    return sum(map(_is_object, first)) * 2 >= len(first)


def _is_object(line: bytes) -> bool:
    if not line.startswith(b"{"):
        return False
    try:
        return isinstance(orjson.loads(line), dict)
    except orjson.JSONDecodeError:
        return False
