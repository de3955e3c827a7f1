"""Reads one foreign file in a process of its own with bounds on memory and time: `python -m llmlora.data.importer`.

Guarantee: every row of the file is either in `rows.parquet` or counted as refused. The parent reads JSON lines on
descriptor 3: `progress`, `identified`, and at last one `result` or `error`.
"""

import hashlib
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import takewhile
from pathlib import Path

from pydantic import BaseModel, JsonValue

from llmlora.data.archive_errors import ArchiveKindsDifferError
from llmlora.data.archives import UNFOLDED_BASE_BYTES, UNFOLDED_RATIO, is_archive, unfolded_bytes
from llmlora.data.errors import NoRowsError, UnfoldsTooFarError
from llmlora.data.importer_bounds import error_of, limit_resources
from llmlora.data.importer_protocol import Found, Identified, Progress, Request, Result
from llmlora.data.kinds.detection import Sample
from llmlora.data.kinds.protocol import Detection
from llmlora.data.kinds.registry import family_of
from llmlora.data.manifest import ROWS_FILE, KeptFile, write_manifest
from llmlora.data.media import MediaStore
from llmlora.data.parts import Part, Parts, folder_of, named, open_parts
from llmlora.data.raw import CHUNK_BYTES, MIB, RawRow, SourceFormat
from llmlora.data.read import Source, open_source
from llmlora.data.refusals import shown_text
from llmlora.data.rows import RowsWriter
from llmlora.data.tally import Tally
from llmlora.kit.files import fsync_path, sha256_of_file
from llmlora.kit.processes import EVENTS_FD, die_with_parent

PROGRESS_EVERY_S = 0.1
SAMPLE_ROWS = 1000
SAMPLE_BYTES = 64 << 20

EXTENSIONS = {f: f".{f}" for f in SourceFormat}


Report = Callable[[BaseModel], None]


@dataclass(frozen=True)
class _Reading:
    """How one file of rows is read, as its first rows tell."""

    detection: Detection
    format: SourceFormat
    encoding: str | None
    strict: bool

    @property
    def columns(self) -> list[str]:
        """Those that are read."""
        return list(self.detection.read_columns)


def import_file(request: Request, report: Report) -> Result:
    """Detect, copy, and write the canonical rows.

    Raises:
        AppError: the file is refused, or the disk is full.
    """
    with tempfile.TemporaryDirectory(prefix=".parts-", dir=request.directory) as scratch:
        if request.directory is None:
            return _look(request, Path(scratch))
        return _keep(request, request.directory, Path(scratch), report)


def _keep(request: Request, directory: Path, scratch: Path, report: Report) -> Result:
    with open_parts(request.source, scratch) as parts:
        first = _first_reading(request, parts)
        format_ = SourceFormat.ZIP if parts.is_archive else first.format
    original = directory / f"original{EXTENSIONS[format_]}"
    sha256 = _copy(request.source, original, report)
    # Of an archive, each file's encoding is its own.
    encoding = request.encoding if format_ is SourceFormat.ZIP else first.encoding
    kind = first.detection.kind
    report(Identified(sha256=sha256, kind=kind, mapping=first.detection.mapping, encoding=encoding))
    store, tally = MediaStore(directory, thumbnails=True), Tally()
    writer = RowsWriter(directory / ROWS_FILE, kind)
    try:
        with open_parts(original, scratch) as parts:
            facts = _write_rows(request, parts, first, store, tally, writer, report)
        tally.refuse_useless(request.source.name)
        writer.close()
    except BaseException:
        writer.abandon()
        raise
    rows_sha256 = sha256_of_file(writer.path)
    files = [
        KeptFile(original.name, "original", sha256, original.stat().st_size),
        KeptFile(ROWS_FILE, "canonical", rows_sha256, writer.path.stat().st_size),
    ]
    write_manifest(directory, [*files, *store.files], facts)
    return Result(
        found=_found(request, first, format_, encoding, tally),
        counts=tally.counts(),
        examples=tally.examples,
        original=original.name,
        original_sha256=sha256,
        rows_sha256=rows_sha256,
    )


def _write_rows(
    request: Request,
    parts: Parts,
    first: _Reading,
    store: MediaStore,
    tally: Tally,
    writer: RowsWriter,
    report: Report,
) -> dict[str, JsonValue]:
    """The rows of every file, in order; what their family tells of all of them."""
    progress = _Progress(report, parts.total_bytes)
    media, family = parts.media(store), family_of(first.detection.kind)
    summary = family.summary()
    most_bytes = UNFOLDED_BASE_BYTES + UNFOLDED_RATIO * request.source.stat().st_size
    first_name: str | None = None
    for part in parts.files():
        with named(part):
            reading = first if first_name is None else _detect(part, request)
            first_name = first_name or part.shown
            if reading.detection.kind != first.detection.kind:
                raise _differ(first_name, first, part.shown, reading)
            tally.begin(part, strict=reading.strict)
            media.folder = folder_of(part)
            with open_source(part.path, columns=reading.columns, encoding=reading.encoding) as source:
                for row in progress.watched(source):
                    example = tally.judge(row, reading.detection, family, media)
                    if example is None:
                        continue
                    writer.append(example)
                    if summary is not None:
                        summary.note(example)
                    if writer.text_bytes > most_bytes:
                        size_mib = request.source.stat().st_size // MIB
                        raise UnfoldsTooFarError(size_mib=size_mib, unfolded_mib=writer.text_bytes // MIB)
                tally.end(source, reading.detection)
    return {} if summary is None else summary.facts()


def _look(request: Request, scratch: Path) -> Result:
    """What the (first) file is, by its first rows."""
    with open_parts(request.source, scratch) as parts:
        reading, tally = _first_reading(request, parts), Tally()
        media = parts.media(MediaStore(scratch, thumbnails=False))
        part = next(parts.files())
        with named(part):
            tally.begin(part, strict=reading.strict)
            media.folder = folder_of(part)
            family = family_of(reading.detection.kind)
            with open_source(part.path, columns=reading.columns, encoding=reading.encoding) as source:
                for row in _first_rows(source):
                    tally.judge(row, reading.detection, family, media)
                encoding = source.encoding
                tally.end(source, reading.detection)
            tally.refuse_useless(part.path.name)
        format_ = SourceFormat.ZIP if parts.is_archive else reading.format
    return Result(
        found=_found(request, reading, format_, None if parts.is_archive else encoding, tally),
        counts=tally.counts(),
        examples=tally.examples,
        original=None,
        original_sha256=None,
        rows_sha256=None,
    )


def _first_reading(request: Request, parts: Parts) -> _Reading:
    part = next(parts.files())
    with named(part):
        reading = _detect(part, request)
    parts.refuse_unused_media(reading.detection.layout.kind)
    return reading


def _detect(part: Part, request: Request) -> _Reading:
    with open_source(part.path, encoding=request.encoding) as source:
        sample = Sample(_first_rows(source), request.kind)
        if not sample.problems:
            raise NoRowsError(name=part.path.name)
        if source.columns is None and all(problem is not None for problem in sample.problems):
            tally = Tally()
            for problem in sample.problems:
                assert problem is not None
                tally.refuse(problem)
            tally.refuse_useless(part.path.name)
        detection = sample.detect(source.columns, request.mapping)
        # Rows of another kind end the import where each row names its columns and the user has not said what to read.
        strict = source.columns is None and request.kind is None and not request.mapping
        return _Reading(detection, source.format, source.encoding, strict)


def _first_rows(source: Source) -> Iterator[RawRow]:
    numbered = enumerate(source.rows)
    return (
        row
        for _, row in takewhile(lambda n: n[0] < SAMPLE_ROWS and source.bytes_read < SAMPLE_BYTES, numbered)
    )


def _differ(first_name: str, first: _Reading, second_name: str, second: _Reading) -> ArchiveKindsDifferError:
    return ArchiveKindsDifferError(
        first=first_name,
        first_ja=first.detection.layout.words[0],
        first_en=first.detection.layout.words[1],
        second=second_name,
        second_ja=second.detection.layout.words[0],
        second_en=second.detection.layout.words[1],
    )


def _found(
    request: Request, reading: _Reading, format_: SourceFormat, encoding: str | None, tally: Tally
) -> Found:
    detection = reading.detection
    return Found(
        format=format_,
        encoding=encoding,
        size_bytes=request.source.stat().st_size,
        kind=detection.kind,
        mapping=detection.mapping,
        mapping_by=detection.by,
        columns=[shown_text(name) for name in detection.columns],
        ignored_columns=[shown_text(name) for name in (*detection.ignored_columns, *tally.unread)],
    )


class _Progress:
    """About ten reports a second, of all files together."""

    def __init__(self, report: Report, total_bytes: int) -> None:
        self._report, self._total_bytes = report, total_bytes
        self._before, self._reported_at = 0, 0.0

    def watched(self, source: Source) -> Iterator[RawRow]:
        """The rows of one file."""
        for count, row in enumerate(source.rows):
            if count % 100 == 0 and (now := time.monotonic()) - self._reported_at >= PROGRESS_EVERY_S:
                self._reported_at = now
                self._tell(source.bytes_read)
            yield row
        self._tell(source.size_bytes)
        self._before += source.size_bytes

    def _tell(self, done_bytes: int) -> None:
        done = min(self._before + done_bytes, self._total_bytes)
        self._report(Progress(stage="read", done_bytes=done, total_bytes=self._total_bytes))


def _copy(source: Path, target: Path, report: Report) -> str:
    """Copy a file durably and return its SHA-256: what is parsed is what is kept, even if the source changes."""
    digest, done, total = hashlib.sha256(), 0, source.stat().st_size
    with source.open("rb") as reader, target.open("xb") as writer:
        while chunk := reader.read(CHUNK_BYTES):
            digest.update(chunk)
            writer.write(chunk)
            done += len(chunk)
            if done % (16 * MIB) < CHUNK_BYTES:
                report(Progress(stage="copy", done_bytes=done, total_bytes=max(done, total)))
    fsync_path(target)
    return digest.hexdigest()


def main() -> None:
    """Serve one request, given as JSON text in the first argument's file."""
    die_with_parent()
    request = Request.model_validate_json(Path(sys.argv[1]).read_bytes())

    def report(message: BaseModel) -> None:
        os.write(EVENTS_FD, message.model_dump_json().encode() + b"\n")

    try:
        limit_resources(request.source.stat().st_size)
        if is_archive(request.source):
            limit_resources(unfolded_bytes(request.source))
        report(import_file(request, report))
    except Exception as error:
        report(error_of(error, request))


if __name__ == "__main__":
    main()
