"""Who uses the servers of a data directory, kept in a file behind a lock that dies with its holder."""

import asyncio
import fcntl
import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path

from llmlora.engine.embedded.processes import is_same_process
from llmlora.kit.files import write_atomically

FOLDER = "services"
_POLL_S = 0.02


@dataclass(frozen=True)
class User:
    """One use by one living process."""

    token: str
    pid: int
    born: str


@dataclass
class Register:
    """`kept`: the servers go on without users, until they are stopped by hand."""

    path: Path
    kept: bool = False
    users: list[User] = field(default_factory=list)

    def save(self) -> None:
        """Write it; only under the lock.

        Raises:
            OSError: it cannot be written.
        """
        document = {"kept": self.kept, "users": [asdict(user) for user in self.users]}
        write_atomically(self.path, json.dumps(document).encode())


async def locked(root: Path) -> int:
    """Wait for the lock; returns its descriptor. Other tasks go on: one of them may hold it.

    Raises:
        OSError: the directory cannot be written.
    """
    while (descriptor := _try_lock(root)) is None:  # noqa: ASYNC110 - other processes hold it, too
        await asyncio.sleep(_POLL_S)
    return descriptor


def locked_blocking(root: Path) -> int:
    """As `locked`, for threads and commands without a loop."""
    while (descriptor := _try_lock(root)) is None:
        time.sleep(_POLL_S)
    return descriptor


@contextmanager
def opened(root: Path, descriptor: int) -> Iterator[Register]:
    """The register under a lock that was taken, without users that have died; unlocked at the end."""
    try:
        register = _read(root / FOLDER / "register.json")
        register.users = [user for user in register.users if is_same_process(user.pid, user.born)]
        yield register
    finally:
        os.close(descriptor)


def pids_of_users(root: Path) -> list[int]:
    """The living processes that use the servers of a data directory, as of this moment; nothing is locked or made."""
    users = _read(root / FOLDER / "register.json").users
    return sorted({user.pid for user in users if is_same_process(user.pid, user.born)})


def forget(root: Path) -> None:
    """Remove the register and its lock (held by the caller); whoever waits for that lock makes a new one."""
    for name in ("register.json", "lock"):
        (root / FOLDER / name).unlink(missing_ok=True)
    with suppress(OSError):
        (root / FOLDER).rmdir()


def _try_lock(root: Path) -> int | None:
    path = root / FOLDER / "lock"
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if os.fstat(descriptor).st_ino == path.stat().st_ino:
            return descriptor
    except (BlockingIOError, FileNotFoundError):
        pass  # held by another, or forgotten meanwhile
    except BaseException:
        os.close(descriptor)
        raise
    os.close(descriptor)
    return None


def _read(path: Path) -> Register:
    try:
        document = json.loads(path.read_bytes())
        return Register(path, document["kept"], [User(**user) for user in document["users"]])
    except (OSError, ValueError, KeyError, TypeError):
        return Register(path)
