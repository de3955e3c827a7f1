"""Starts a supervisor in a session of its own and waits until everything works."""

import asyncio
import os
import signal
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import httpx

from llmlora.engine.platform.errors import PlatformNotReadyError, PlatformRunningError
from llmlora.engine.platform.health import probe_client, status_at
from llmlora.engine.platform.keeper import reaped
from llmlora.engine.platform.log_files import Follower, last_lines, log_path, open_log, size_of
from llmlora.engine.platform.record import PlatformRecord, running_platform
from llmlora.kit.processes import spawn

READY_TIMEOUT_S = 300.0
# A program that dies this often before the platform was ready once will not get ready.
RESTARTS_ALLOWED = 3
END_TIMEOUT_S = 120.0
_POLL_S = 0.2


async def start_detached(
    data_dir: Path,
    argv: Sequence[str],
    env: Mapping[str, str],
    show: Callable[[str], None],
    *,
    timeout_s: float = READY_TIMEOUT_S,
) -> PlatformRecord:
    """Start `argv`, which keeps a platform for `data_dir`; returns its record when everything works.

    `show` gets the lines of its log meanwhile.

    Raises:
        PlatformRunningError: another `up` was quicker.
        PlatformNotReadyError: it ended, a program keeps crashing, or `timeout_s` passed. It is ended first.
        OSError: the log or the program cannot be opened.
    """
    log = log_path(data_dir, "up")
    open_log(log)
    written = size_of(log)
    pid = spawn(argv, env=env, output=log)
    lines = Follower(log, written)
    try:
        reason, record = await _wait(data_dir, pid, lambda: _show(lines, show), timeout_s)
        if record is None:
            await _end(pid)
    except BaseException:
        await _end(pid)
        raise
    finally:
        _show(lines, show)
        lines.close()
    if record is None:
        other = running_platform(data_dir)
        if other is not None:  # it was quicker
            raise PlatformRunningError(path=data_dir, pid=other.pid)
        ja, en = reason
        last = (last_lines(log, 1, after_bytes=written) or ["–"])[0]
        raise PlatformNotReadyError(reason_ja=ja, reason_en=en, folder=log.parent, last=last)
    return record


async def _wait(
    data_dir: Path, pid: int, progress: Callable[[], None], timeout_s: float
) -> tuple[tuple[str, str], PlatformRecord | None]:
    """The record once everything works, or why it will not be."""
    deadline = time.monotonic() + timeout_s
    async with probe_client() as client:
        while time.monotonic() < deadline:
            progress()
            if reaped(pid) is not None:
                return ("up が終了しました", "`up` ended"), None
            record = running_platform(data_dir)
            if record is not None and record.pid == pid:
                if any(one.restarts >= RESTARTS_ALLOWED for one in record.programs):
                    return ("プログラムが何度も異常終了します", "a program keeps crashing"), None
                if record.ready and await _is_ready(client, record.url):
                    return ("", ""), record
            await asyncio.sleep(_POLL_S)
    return (f"{timeout_s:.0f} 秒待っても準備ができません", f"not ready after {timeout_s:.0f} s"), None


async def _is_ready(client: httpx.AsyncClient, url: str) -> bool:
    status = await status_at(client, f"{url}/readyz")
    if status == 404:
        status = await status_at(client, f"{url}/healthz")
    return status == 200


def _show(lines: Follower, show: Callable[[str], None]) -> None:
    for line in lines.new_lines():
        show(line)


async def _end(pid: int) -> None:
    """SIGTERM, and SIGKILL after everything it keeps had its grace."""
    deadline = time.monotonic() + END_TIMEOUT_S
    try:
        if reaped(pid) is None:
            os.kill(pid, signal.SIGTERM)
        while reaped(pid) is None:
            if time.monotonic() > deadline:
                os.kill(pid, signal.SIGKILL)
            await asyncio.sleep(_POLL_S)
    except (ProcessLookupError, ChildProcessError):
        return  # it has ended and we know it
