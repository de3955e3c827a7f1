"""Directories of datasets that the database does not know yet, or no longer.

Guarantee: what a killed import or removal left behind is found by the next import; what a living process works on is
not touched. A directory is uncommitted while a file `unsettled` lies in it; its maker holds a lock on that file.
"""

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from llmlora.kit.ids import new_id

_INCOMING = ".incoming-"
_MARK = "unsettled"


@contextmanager
def incoming_directory(root: Path) -> Iterator[Path]:
    """A directory for one import below `root`; it is gone afterwards unless it was given another name.

    Raises:
        OSError: it cannot be made.
    """
    root.mkdir(parents=True, exist_ok=True)
    with _alone(root):
        for stale in root.glob(f"{_INCOMING}*"):
            if not _is_in_use(stale):
                shutil.rmtree(stale, ignore_errors=True)
        directory = root / f"{_INCOMING}{new_id('import')}"
        directory.mkdir()
        mark = (directory / _MARK).open("w")
        fcntl.flock(mark, fcntl.LOCK_EX)
    with mark:
        try:
            yield directory
        finally:
            shutil.rmtree(directory, ignore_errors=True)


def uncommitted_directories(root: Path) -> list[Path]:
    """Named directories whose maker died before the database knew, or whose remover died after it forgot."""
    return [mark.parent for mark in root.glob(f"[!.]*/{_MARK}") if not _is_in_use(mark.parent)]


def mark_uncommitted(directory: Path) -> None:
    """Before the database forgets a dataset: whoever finds the directory afterwards asks the database.

    Raises:
        OSError: the disk is full.
    """
    if directory.is_dir():
        (directory / _MARK).touch()


def mark_committed(directory: Path) -> None:
    """The database knows this directory."""
    (directory / _MARK).unlink(missing_ok=True)


@contextmanager
def _alone(root: Path) -> Iterator[None]:
    """Nobody else makes or sweeps directories now."""
    descriptor = os.open(root, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _is_in_use(directory: Path) -> bool:
    try:
        with (directory / _MARK).open("r") as mark:
            fcntl.flock(mark, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    return False
