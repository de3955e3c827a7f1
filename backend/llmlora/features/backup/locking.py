"""One at a time: locks on files that are renamed or removed by whoever has held them."""

import fcntl
import os
from pathlib import Path
from typing import IO, Any

from llmlora.features.backup.errors import BackupBusyError


def hold_alone(path: Path, stream: IO[Any], shown: Path) -> None:
    """Lock an open file until it is closed, as long as it is the one that `path` names.

    Raises:
        BackupBusyError: another process holds it, or did so and has moved it away since it was opened.
    """
    try:
        fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise BackupBusyError(path=shown) from error
    if not is_named(path, stream):
        raise BackupBusyError(path=shown)


def is_held(path: Path) -> bool:
    """Whether a process holds the file now; a file that is not there nobody holds."""
    try:
        with path.open("rb") as stream:
            fcntl.flock(stream, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    return False


def is_named(path: Path, stream: IO[Any]) -> bool:
    """Whether `path` still names the open file."""
    try:
        return os.path.samestat(path.stat(), os.fstat(stream.fileno()))
    except FileNotFoundError:
        return False
