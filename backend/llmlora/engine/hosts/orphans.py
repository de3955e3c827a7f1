"""What an earlier claim of a job left running. A child dies with its worker; what the child had started may not."""

import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import psutil

from llmlora.kit.processes import PARENT_VARIABLE


def end_orphans(job_dir: Path) -> list[int]:
    """Kill what children of this job's dead workers left on this machine; returns the pids.

    A process is ours to kill when it lives in the session of a child of this job and carries, in its environment,
    the pid of a worker that is no more. A worker that lives (stopped for a while, perhaps) ends its child itself.
    """
    sessions = set(_recorded_pids(job_dir))
    return [process.pid for process in psutil.process_iter() if sessions and _ended(process, sessions)]


def _recorded_pids(job_dir: Path) -> Iterator[int]:
    for path in job_dir.glob("*/pid"):
        with suppress(OSError, ValueError):
            yield int(path.read_text())


def _ended(process: psutil.Process, sessions: set[int]) -> bool:
    with suppress(psutil.Error, OSError, ValueError):
        if os.getsid(process.pid) in sessions:
            worker = process.environ().get(PARENT_VARIABLE)
            if worker is not None and not psutil.pid_exists(int(worker)):
                process.kill()
                return True
    return False
