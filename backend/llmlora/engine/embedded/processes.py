"""Servers that outlive the command that started them, known by pid *and* birth (pids are used again)."""

import functools
import sys
import time
from pathlib import Path

import psutil

POLL_S = 0.05


def birth_of(pid: int) -> str | None:
    """When a living process began, as text that no other process of that pid has; None when it is gone or a zombie.

    On Linux in clock ticks since this boot: a wall clock that is set back or forth changes nothing.
    """
    if sys.platform != "linux":
        return _birth_by_clock(pid)
    try:
        fields = Path(f"/proc/{pid}/stat").read_text(errors="replace").rpartition(")")[2].split()
    except OSError:
        return None
    state, start_ticks = fields[0], fields[19]
    return None if state in "ZX" else f"{_boot()}:{start_ticks}"


def is_same_process(pid: int, born: str) -> bool:
    """Whether `pid` is still the process that began at `born`."""
    return birth_of(pid) == born


def works_in(pid: int, directory: Path) -> bool:
    """Whether a process of ours has `directory` as its working directory."""
    try:
        return Path(psutil.Process(pid).cwd()).samefile(directory)
    except (psutil.Error, OSError):
        return False


def end_process(pid: int, born: str, grace_s: float) -> None:
    """SIGTERM, wait, SIGKILL; nothing happens to another process that got the same pid."""
    if not is_same_process(pid, born):
        return
    try:
        process = psutil.Process(pid)
        process.terminate()
        if not _gone_within(pid, born, grace_s):
            process.kill()
            _gone_within(pid, born, grace_s)
    except psutil.NoSuchProcess:
        return


def _gone_within(pid: int, born: str, seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while is_same_process(pid, born):
        if time.monotonic() > deadline:
            return False
        time.sleep(POLL_S)
    return True


@functools.cache
def _boot() -> str:
    return Path("/proc/sys/kernel/random/boot_id").read_text().strip()


def _birth_by_clock(pid: int) -> str | None:
    try:
        process = psutil.Process(pid)
        return None if process.status() == psutil.STATUS_ZOMBIE else f"{process.create_time():.2f}"
    except psutil.NoSuchProcess:
        return None
