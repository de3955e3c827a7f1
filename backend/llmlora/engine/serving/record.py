"""Where the inference process of a data directory listens: one file that only its owner can read."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from llmlora.engine.embedded.processes import birth_of, is_same_process
from llmlora.kit.files import fsync_path


class InferenceRecord(BaseModel):
    """An inference process that listens. `born` tells it from a later process of the same pid."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    url: str
    token: str
    pid: int
    born: str


def record_path(data_dir: Path) -> Path:
    """The record's place in a data directory."""
    return data_dir / "run" / "inference.json"


def read_record(data_dir: Path) -> InferenceRecord | None:
    """The living inference process; None when there is none, or only the record of one that died."""
    try:
        record = InferenceRecord.model_validate_json(record_path(data_dir).read_bytes())
    except (OSError, ValidationError):
        return None
    return record if is_same_process(record.pid, record.born) else None


@contextmanager
def published_record(data_dir: Path, url: str, token: str) -> Iterator[None]:
    """Tell where this process listens while the block runs.

    Raises:
        OSError: the directory cannot be written.
    """
    born = birth_of(os.getpid())
    assert born is not None
    path = record_path(data_dir)
    _write_private(
        path, InferenceRecord(url=url, token=token, pid=os.getpid(), born=born).model_dump_json().encode()
    )
    try:
        yield
    finally:
        path.unlink(missing_ok=True)


def _write_private(path: Path, content: bytes) -> None:
    """As `kit.files.write_atomically`, but never readable by others, not even for a moment."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    temporary.unlink(missing_ok=True)
    try:
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        temporary.replace(path)
        fsync_path(path.parent)
    finally:
        temporary.unlink(missing_ok=True)
