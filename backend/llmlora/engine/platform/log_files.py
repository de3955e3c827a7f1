"""The programs' log files: rotated when they are opened, read from the end, followed across rotation."""

import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path

FOLDER = "logs"
ROTATE_BYTES = 10 << 20
KEPT = 3
POLL_S = 0.25
_CHUNK_BYTES = 64 << 10


def log_path(data_dir: Path, name: str) -> Path:
    """Where a program's output goes."""
    return data_dir / FOLDER / f"{name}.log"


def logs_of(data_dir: Path) -> dict[str, Path]:
    """The logs that exist, by the names of their programs."""
    return {path.stem: path for path in sorted((data_dir / FOLDER).glob("*.log"))}


def open_log(path: Path) -> None:
    """Make the folder, and put a large log aside: `.1` is the newest of three.

    Raises:
        OSError: the folder cannot be written.
    """
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    if not path.exists() or path.stat().st_size <= ROTATE_BYTES:
        return
    for number in range(KEPT - 1, 0, -1):
        older = path.with_name(f"{path.name}.{number}")
        if older.exists():
            older.replace(path.with_name(f"{path.name}.{number + 1}"))
    path.replace(path.with_name(f"{path.name}.1"))


def size_of(path: Path) -> int:
    """Its length in bytes; 0 when it is not there."""
    return path.stat().st_size if path.exists() else 0


def last_lines(path: Path, count: int, *, after_bytes: int = 0) -> list[str]:
    """The last `count` lines that were written after the first `after_bytes`."""
    try:
        with path.open("rb") as stream:
            start = stream.seek(0, os.SEEK_END)
            block = b""
            while start > after_bytes and block.count(b"\n") <= count:
                step = min(_CHUNK_BYTES, start - after_bytes)
                start -= step
                stream.seek(start)
                block = stream.read(step) + block
    except OSError:
        return []
    return block.decode(errors="replace").splitlines()[-count:] if count else []


class Follower:
    """Reads what is added to one log, through its rotation."""

    def __init__(self, path: Path, offset: int) -> None:
        self._path = path
        self._stream = path.open("rb")
        self._stream.seek(offset)
        self._rest = b""

    def new_lines(self) -> list[str]:
        """Whole lines since the last call."""
        data = self._stream.read()
        try:
            now = self._path.stat()
        except FileNotFoundError:  # between the two steps of a rotation
            return self._lines(data)
        if now.st_ino != os.fstat(self._stream.fileno()).st_ino:
            data += self._stream.read()
            self._stream.close()
            self._stream = self._path.open("rb")
            data += self._stream.read()
        elif now.st_size < self._stream.tell():  # emptied in place
            self._stream.seek(0)
            data += self._stream.read()
        return self._lines(data)

    def close(self) -> None:
        """Close the file."""
        self._stream.close()

    def _lines(self, data: bytes) -> list[str]:
        *whole, self._rest = (self._rest + data).split(b"\n")
        return [line.decode(errors="replace").rstrip("\r") for line in whole]


def follow(find: Callable[[], dict[str, Path]], followers: dict[str, Follower]) -> Iterator[tuple[str, str]]:
    """(name, line) of what is added, for ever; a log that appears later is read from its beginning."""
    while True:
        for name, path in find().items():
            if name not in followers and path.exists():
                followers[name] = Follower(path, 0)
        for name, follower in followers.items():
            for line in follower.new_lines():
                yield name, line
        time.sleep(POLL_S)
