"""Child processes in sessions of their own that cannot outlive us.

A child calls `die_with_parent()` first; its parent ends it with `end_group()`, which reaches grandchildren too.
"""

import asyncio
import ctypes
import fcntl
import os
import signal
import sys
import traceback
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

PARENT_VARIABLE = "LLMLORA_PARENT_PID"
SECRETS_VARIABLE = "LLMLORA_SECRETS_FD"
EVENTS_FD, SECRETS_FD = 3, 4
# What the kernel keeps of a pipe that nobody reads yet (macOS: 16 KiB): writing more would wait for a reader.
MAX_SECRETS_BYTES = 16 << 10
_PR_SET_PDEATHSIG = 1


def spawn(
    argv: Sequence[str],
    *,
    env: Mapping[str, str],
    output: Path,
    events_fd: int | None = None,
    secrets: bytes = b"",
) -> int:
    """Start a program in a new session and return its pid.

    Standard input is /dev/null, standard output and error are appended to `output`; `events_fd`, if given,
    becomes descriptor 3. `secrets` (at most 16 KiB) are for `take_secrets`: no list of processes shows them and no file
    holds them. Everything else is closed (Python marks its descriptors close-on-exec).

    Raises:
        OSError: the program or `output` cannot be opened.
    """
    if secrets:
        secrets_fd = _filled_pipe(secrets)
        try:
            return _spawn(argv, env, output, events_fd, secrets_fd)
        finally:
            os.close(secrets_fd)
    return _spawn(argv, env, output, events_fd, None)


def _spawn(
    argv: Sequence[str], env: Mapping[str, str], output: Path, events_fd: int | None, secrets_fd: int | None
) -> int:
    flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND
    actions: list[tuple[int, int, str, int, int] | tuple[int, int, int]] = [
        (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
        (os.POSIX_SPAWN_OPEN, 1, str(output), flags, 0o600),
        (os.POSIX_SPAWN_DUP2, 1, 2),
    ]
    if events_fd is not None:
        actions.append((os.POSIX_SPAWN_DUP2, events_fd, EVENTS_FD))
    told = {PARENT_VARIABLE: str(os.getpid())}
    if secrets_fd is not None:
        actions.append((os.POSIX_SPAWN_DUP2, secrets_fd, SECRETS_FD))
        told[SECRETS_VARIABLE] = str(SECRETS_FD)
    return os.posix_spawn(
        argv[0],
        list(argv),
        {**env, **told},
        file_actions=actions,
        setsid=True,
        setsigdef=[signal.SIGINT, signal.SIGTERM, signal.SIGPIPE],
    )


def _filled_pipe(content: bytes) -> int:
    """The end to read of a pipe that holds `content` and has no writer, at a number that no child's place has."""
    if len(content) > MAX_SECRETS_BYTES:
        raise ValueError(f"{len(content)} bytes of secrets do not fit a pipe")
    read_fd, write_fd = os.pipe()
    try:
        os.write(write_fd, content)
        return fcntl.fcntl(read_fd, fcntl.F_DUPFD_CLOEXEC, SECRETS_FD + 1)
    finally:
        os.close(read_fd)
        os.close(write_fd)


def take_secrets() -> bytes:
    """What `spawn` was given as `secrets`, once: later, and in programs that this one starts, there is nothing."""
    given = os.environ.pop(SECRETS_VARIABLE, None)
    if given is None:
        return b""
    with os.fdopen(int(given), "rb") as pipe:
        return pipe.read()


def spawn_reporting(
    argv: Sequence[str], *, env: Mapping[str, str], output: Path, secrets: bytes = b""
) -> tuple[int, int]:
    """`spawn` with a pipe as the child's descriptor 3; returns its pid and our end of the pipe.

    Raises:
        OSError: as `spawn`.
    """
    read_fd, write_fd = os.pipe()
    try:
        return spawn(argv, env=env, output=output, events_fd=write_fd, secrets=secrets), read_fd
    except OSError:
        os.close(read_fd)
        raise
    finally:
        os.close(write_fd)


def fork(run: Callable[[], int], *, env: Mapping[str, str], output: int, events_fd: int | None = None) -> int:
    """`spawn` without a program: `run` goes on in a copy of this process and gives its exit status. Returns the pid.

    `output` is a descriptor here. All that is loaded is there at once, but of the threads only the one that asks: `run`
    must not wait for another, and computes on one (what PyTorch's DataLoader does with its workers).

    Raises:
        OSError: there can be no more processes.
    """
    parent = os.getpid()
    pid = os.fork()
    if pid == 0:
        _live(run, {**env, PARENT_VARIABLE: str(parent)}, output, events_fd)
    return pid


def _live(run: Callable[[], int], env: Mapping[str, str], output: int, events_fd: int | None) -> NoReturn:
    """Become what `spawn` would have started, and end."""
    status = 1
    try:
        os.setsid()
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, signal.SIG_DFL)
        # As Python itself starts: a peer that hangs up is an error to be told, not the end of the process.
        signal.signal(signal.SIGPIPE, signal.SIG_IGN)
        places = [
            os.open(os.devnull, os.O_RDONLY),
            output,
            output,
            *([] if events_fd is None else [events_fd]),
        ]
        for place, descriptor in enumerate(places):
            os.dup2(descriptor, place)
        os.closerange(len(places), os.sysconf("SC_OPEN_MAX"))
        # What the parent's own streams have not written yet is the parent's to write.
        sys.stdout, sys.stderr = (os.fdopen(at, "w", buffering=1, closefd=False) for at in (1, 2))
        os.environ.clear()
        os.environ.update(env)
        status = run()
    except SystemExit as end:
        status = end.code if isinstance(end.code, int) else int(end.code is not None)
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)


async def read_reports(read_fd: int, *, limit: int) -> tuple[asyncio.StreamReader, asyncio.BaseTransport]:
    """Our end of the pipe as a stream of lines of up to `limit` bytes; closing the transport closes it."""
    reader = asyncio.StreamReader(limit=limit)
    transport, _ = await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(reader), os.fdopen(read_fd, "rb", 0)
    )
    return reader, transport


@dataclass(frozen=True)
class ReportingChild:
    """A child that tells what it does on descriptor 3. `lines`: what it writes there, until it can write no more."""

    pid: int
    lines: asyncio.StreamReader
    _exited: "asyncio.Future[int]"

    async def ended(self) -> int:
        """Wait for its exit status, as `wait_for_exit` has it."""
        return await asyncio.shield(self._exited)


@asynccontextmanager
async def reporting_child(
    argv: Sequence[str], *, env: Mapping[str, str], output: Path, longest_bytes: int, grace_s: float
) -> AsyncIterator[ReportingChild]:
    """A child for the time of the block, then ended as by `end_group`. `longest_bytes`: of one of its lines.

    Raises:
        OSError: as `spawn`.
    """
    pid, read_fd = spawn_reporting(argv, env=env, output=output)
    exited = asyncio.ensure_future(wait_for_exit(pid))
    lines, transport = await read_reports(read_fd, limit=longest_bytes)
    try:
        yield ReportingChild(pid, lines, exited)
    finally:
        transport.close()
        await end_group(pid, exited, grace_s=grace_s)


def how_ended(status: int) -> str:
    """An exit status as people look for it: `exit 1`, `signal 9`."""
    return f"signal {-status}" if status < 0 else f"exit {status}"


def die_with_parent() -> None:
    """Ask the kernel to SIGKILL this process when its parent dies (Linux); leave at once if it has died already.

    A process that `spawn` did not start (a shell or a container did) goes its own way.
    """
    parent = os.environ.get(PARENT_VARIABLE)
    if parent is None:
        return
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != int(parent):
        os._exit(1)


async def wait_for_exit(pid: int) -> int:
    """The exit status of a child of ours: 0–255, or minus the signal that ended it.

    On Linux by a pidfd: children that live for days hold no thread of the pool that everything else needs.
    """
    if sys.platform == "linux":
        await _readable(os.pidfd_open(pid))
        _, status = os.waitpid(pid, 0)  # noqa: ASYNC222 - it has ended, this only reads its status
    else:
        _, status = await asyncio.to_thread(os.waitpid, pid, 0)
    return os.waitstatus_to_exitcode(status)


async def _readable(descriptor: int) -> None:
    """Wait until a descriptor can be read, then close it."""
    loop = asyncio.get_running_loop()
    ready = asyncio.Event()
    loop.add_reader(descriptor, ready.set)
    try:
        await ready.wait()
    finally:
        loop.remove_reader(descriptor)
        os.close(descriptor)


def signal_group(pid: int, number: signal.Signals) -> None:
    """Send a signal to a session leader's whole process group; a group that is gone is no error."""
    try:
        os.killpg(pid, number)
    except (ProcessLookupError, PermissionError):
        return


async def end_group(pid: int, exited: "asyncio.Future[int]", *, grace_s: float) -> int:
    """SIGTERM the group, wait up to `grace_s`, then SIGKILL it. Returns the leader's exit status."""
    signal_group(pid, signal.SIGTERM)
    try:
        async with asyncio.timeout(grace_s):
            status = await asyncio.shield(exited)
    except TimeoutError:
        signal_group(pid, signal.SIGKILL)
        status = await exited
    signal_group(pid, signal.SIGKILL)
    return status
