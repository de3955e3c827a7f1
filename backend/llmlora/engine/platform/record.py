"""Which `up` runs on a data directory: `run/up.json`, written by the one who holds the lock beside it.

Guarantee: two supervisors never hold one data directory. The lock dies with its holder; a record that a killed
supervisor left names its programs, so that the next one can end those that still live.
"""

import fcntl
import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from llmlora.engine.embedded.errors import DataDirNotWritableError
from llmlora.engine.embedded.processes import is_same_process
from llmlora.engine.platform.errors import PlatformRunningError
from llmlora.kit.files import write_atomically

FOLDER = "run"
RECORD = "up.json"
LOCK = "up.lock"
# Between taking the lock and writing the record lie milliseconds.
RECORD_WAIT_S = 2.0
_EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}  # noqa: S104 - where to ask, not to listen


@dataclass(frozen=True)
class ProgramRecord:
    """One program. `pid`, `born` and `since` (ISO 8601) are None while it waits for its restart."""

    name: str
    pid: int | None
    born: str | None
    since: str | None
    restarts: int

    @property
    def alive(self) -> bool:
        """Whether this very process lives."""
        return self.pid is not None and self.born is not None and is_same_process(self.pid, self.born)


@dataclass(frozen=True)
class PlatformRecord:
    """One `up`: its supervisor's process, where API and pages (0: none) listen, its programs, and whether all have worked once."""

    pid: int
    born: str
    host: str
    port: int
    started_at: str
    programs: tuple[ProgramRecord, ...] = ()
    ready: bool = False
    pages_port: int = 0

    @property
    def url(self) -> str:
        """Where the API is reached from this machine."""
        return local_url(self.host, self.port)

    @property
    def pages_url(self) -> str | None:
        """Where the pages are reached from this machine; None when they are switched off."""
        return local_url(self.host, self.pages_port) if self.pages_port else None

    @property
    def alive(self) -> bool:
        """Whether its supervisor lives."""
        return is_same_process(self.pid, self.born)


def local_url(host: str, port: int) -> str:
    """Address of what listens on `host`, for programs of this machine."""
    name = _EVERYWHERE.get(host, host)
    return f"http://[{name}]:{port}" if ":" in name else f"http://{name}:{port}"


def running_platform(data_dir: Path) -> PlatformRecord | None:
    """The living `up` of a data directory; None when none runs."""
    record = recorded_platform(data_dir)
    return record if record is not None and record.alive else None


def recorded_platform(data_dir: Path) -> PlatformRecord | None:
    """The last `up` that did not end in good order, living or dead."""
    try:
        document = json.loads((data_dir / FOLDER / RECORD).read_bytes())
        programs = tuple(ProgramRecord(**one) for one in document.pop("programs"))
        return PlatformRecord(**document, programs=programs)
    except (OSError, ValueError, KeyError, TypeError):
        return None


@dataclass(frozen=True)
class Claim:
    """The right to be the data directory's supervisor. `left` is what a killed predecessor recorded."""

    data_dir: Path
    left: PlatformRecord | None

    def save(self, record: PlatformRecord) -> None:
        """Publish the present state.

        Raises:
            OSError: it cannot be written.
        """
        path = self.data_dir / FOLDER / RECORD
        write_atomically(path, json.dumps(asdict(record)).encode())
        path.chmod(0o600)


@contextmanager
def claimed(data_dir: Path) -> Iterator[Claim]:
    """Hold the data directory for one supervisor; its record is gone at the end.

    Raises:
        PlatformRunningError: another `up` holds it; names its process.
        DataDirNotWritableError: the lock cannot be made.
    """
    folder = data_dir / FOLDER
    try:
        descriptor = _lock(folder)
    except OSError as error:
        raise DataDirNotWritableError(path=data_dir, reason=error.strerror or error) from error
    if descriptor is None:
        raise PlatformRunningError(path=data_dir, pid=_holder(data_dir))
    try:
        yield Claim(data_dir, recorded_platform(data_dir))
    finally:
        with suppress(OSError):
            for name in (RECORD, LOCK):
                (folder / name).unlink(missing_ok=True)
            folder.rmdir()
        os.close(descriptor)


def _lock(folder: Path) -> int | None:
    """The lock's descriptor; None when another holds it."""
    while True:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        try:
            descriptor = os.open(folder / LOCK, os.O_RDWR | os.O_CREAT, 0o600)
        except FileNotFoundError:  # its last holder has just removed the folder
            continue
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if os.fstat(descriptor).st_ino == (folder / LOCK).stat().st_ino:
                return descriptor
        except BlockingIOError:
            os.close(descriptor)
            return None
        except FileNotFoundError:
            pass
        os.close(descriptor)  # a file that its last holder removed


def _holder(data_dir: Path) -> int | str:
    deadline = time.monotonic() + RECORD_WAIT_S
    while (record := running_platform(data_dir)) is None:
        if time.monotonic() > deadline:
            return "?"
        time.sleep(0.05)
    return record.pid
