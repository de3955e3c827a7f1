"""Reads one foreign file in a process of its own with bounds on memory and time: `python -m llmlora.data.importer`.

Guarantee: every row of the file is either in `rows.parquet` or counted as refused. The parent reads JSON lines on
descriptor 3: `progress`, `identified`, and at last one `result` or `error`.
"""

import errno
import hashlib
import os
import resource
import sys
import time
from collections.abc import Callable, Iterator
from itertools import takewhile
from pathlib import Path

from pydantic import BaseModel, JsonValue

from llmlora.data.errors import (
    DiskFullError,
    FileNotReadableError,
    NoRowsError,
    TooMuchMemoryError,
    UnfoldsTooFarError,
)
from llmlora.data.importer_protocol import Found, Identified, Progress, Refused, Request, Result
from llmlora.data.kinds.detection import Sample
from llmlora.data.kinds.protocol import Detection
from llmlora.data.kinds.registry import family_of
from llmlora.data.manifest import ROWS_FILE, KeptFile, write_manifest
from llmlora.data.raw import CHUNK_BYTES, MIB, RawRow, SourceFormat
from llmlora.data.read import Source, open_source
from llmlora.data.refusals import shown_text, storable_text
from llmlora.data.rows import RowsWriter
from llmlora.data.tally import Tally
from llmlora.kit.errors import AppError
from llmlora.kit.files import fsync_path, sha256_of_file
from llmlora.kit.processes import EVENTS_FD, die_with_parent

MEMORY_BYTES = 4 << 30  # address space: Arrow reserves far more than it touches
UNFOLDED_BASE_BYTES = 1 << 30
UNFOLDED_RATIO = 100  # the best that zstd does with real text is about 20
CPU_BASE_S = 120
CPU_BYTES_PER_S = 500_000
PROGRESS_EVERY_S = 0.1
SAMPLE_ROWS = 1000
SAMPLE_BYTES = 64 << 20

EXTENSIONS = {f: f".{f}" for f in SourceFormat}


Report = Callable[[BaseModel], None]


def import_file(request: Request, report: Report) -> Result:
    """Detect, copy, and write the canonical rows.

    Raises:
        AppError: the file is refused, or the disk is full.
    """
    detection, format_, encoding = _detect(request)
    if request.directory is None:
        return _look(request, detection, encoding)
    original = request.directory / f"original{EXTENSIONS[format_]}"
    sha256 = _copy(request.source, original, report)
    report(Identified(sha256=sha256, kind=detection.kind, mapping=detection.mapping, encoding=encoding))
    rows = request.directory / ROWS_FILE
    family = family_of(detection.kind)
    writer = RowsWriter(rows, detection.kind)
    try:
        columns = list(detection.mapping.values())
        with open_source(original, columns=columns, encoding=encoding) as source:
            tally = Tally(strict=_is_strict(request, source))
            for row in _with_progress(source, report):
                example = tally.judge(row, detection, family)
                if example is not None:
                    writer.append(example)
                    _refuse_bomb(writer.text_bytes, source)
            found = _found(source, detection, tally)
        tally.refuse_useless(request.source.name)
        writer.close()
    except BaseException:
        writer.abandon()
        raise
    rows_sha256 = sha256_of_file(rows)
    files = [
        KeptFile(original.name, "original", sha256, original.stat().st_size),
        KeptFile(ROWS_FILE, "canonical", rows_sha256, rows.stat().st_size),
    ]
    write_manifest(request.directory, files)
    return Result(
        found=found,
        counts=tally.counts(),
        examples=tally.examples,
        original=original.name,
        original_sha256=sha256,
        rows_sha256=rows_sha256,
    )


def _refuse_bomb(text_bytes: int, source: Source) -> None:
    if text_bytes > UNFOLDED_BASE_BYTES + UNFOLDED_RATIO * source.size_bytes:
        raise UnfoldsTooFarError(size_mib=source.size_bytes // MIB, unfolded_mib=text_bytes // MIB)


def _detect(request: Request) -> tuple[Detection, SourceFormat, str | None]:
    with open_source(request.source, encoding=request.encoding) as source:
        sample = Sample(_first_rows(source), request.kind)
        if not sample.problems:
            raise NoRowsError(name=request.source.name)
        if source.columns is None and all(problem is not None for problem in sample.problems):
            tally = Tally(strict=False)
            for problem in sample.problems:
                assert problem is not None
                tally.refuse(problem)
            tally.refuse_useless(request.source.name)
        detection = sample.detect(source.columns, request.mapping)
        return detection, source.format, source.encoding


def _first_rows(source: Source) -> Iterator[RawRow]:
    numbered = enumerate(source.rows)
    return (
        row
        for _, row in takewhile(lambda n: n[0] < SAMPLE_ROWS and source.bytes_read < SAMPLE_BYTES, numbered)
    )


def _look(request: Request, detection: Detection, encoding: str | None) -> Result:
    columns, family = list(detection.mapping.values()), family_of(detection.kind)
    with open_source(request.source, columns=columns, encoding=encoding) as source:
        tally = Tally(strict=_is_strict(request, source))
        for row in _first_rows(source):
            tally.judge(row, detection, family)
        found = _found(source, detection, tally)
    tally.refuse_useless(request.source.name)
    return Result(
        found=found,
        counts=tally.counts(),
        examples=tally.examples,
        original=None,
        original_sha256=None,
        rows_sha256=None,
    )


def _is_strict(request: Request, source: Source) -> bool:
    """Rows of another kind end the import where each row names its columns and the user has not said what to read."""
    return source.columns is None and request.kind is None and not request.mapping


def _found(source: Source, detection: Detection, tally: Tally) -> Found:
    return Found(
        format=source.format,
        encoding=source.encoding,
        size_bytes=source.size_bytes,
        kind=detection.kind,
        mapping=detection.mapping,
        mapping_by=detection.by,
        columns=[shown_text(name) for name in detection.columns],
        ignored_columns=[shown_text(name) for name in (*detection.ignored_columns, *tally.unread)],
    )


def _with_progress(source: Source, report: Report) -> Iterator[RawRow]:
    """The rows; about ten reports a second."""
    reported_at = 0.0
    for count, row in enumerate(source.rows):
        if count % 100 == 0 and (now := time.monotonic()) - reported_at >= PROGRESS_EVERY_S:
            reported_at = now
            report(Progress(stage="read", done_bytes=source.bytes_read, total_bytes=source.size_bytes))
        yield row
    report(Progress(stage="read", done_bytes=source.size_bytes, total_bytes=source.size_bytes))


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


def limit_resources(size_bytes: int) -> None:
    """Bound this process: 4 GiB of address space and CPU seconds in proportion to the file."""
    cpu_s = CPU_BASE_S + size_bytes // CPU_BYTES_PER_S
    for kind, limit in ((resource.RLIMIT_AS, MEMORY_BYTES), (resource.RLIMIT_CPU, cpu_s)):
        _, hard = resource.getrlimit(kind)
        ceiling = limit if hard == resource.RLIM_INFINITY else min(limit, hard)
        try:
            resource.setrlimit(kind, (ceiling, hard))
        except (ValueError, OSError):  # macOS knows no bound on address space
            continue


def error_of(error: BaseException, request: Request) -> Refused:
    """Any failure as a code and facts for the parent.

    Raises:
        BaseException: what is no fault of the file or the machine.
    """
    match error:
        case AppError():
            known = error
        case MemoryError():
            known = TooMuchMemoryError(limit_mib=MEMORY_BYTES // MIB)
        case OSError(errno=errno.ENOSPC | errno.EDQUOT):
            known = DiskFullError(path=str(request.directory))
        case OSError():
            known = FileNotReadableError(
                path=error.filename or str(request.source), reason=error.strerror or str(error)
            )
        case _:
            raise error
    return Refused(code=known.code, facts={name: _plain(value) for name, value in known.facts.items()})


def _plain(value: object) -> JsonValue:
    if isinstance(value, tuple):
        return [_plain(one) for one in value]
    return value if isinstance(value, int) else storable_text(str(value))


def main() -> None:
    """Serve one request, given as JSON text in the first argument's file."""
    die_with_parent()
    request = Request.model_validate_json(Path(sys.argv[1]).read_bytes())

    def report(message: BaseModel) -> None:
        os.write(EVENTS_FD, message.model_dump_json().encode() + b"\n")

    try:
        limit_resources(request.source.stat().st_size)
        report(import_file(request, report))
    except Exception as error:
        report(error_of(error, request))


if __name__ == "__main__":
    main()
