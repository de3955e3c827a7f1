"""Figures of the machine that many ask for and that are taken once: one monitor an application.

Guarantee: whatever takes time runs off the event loop, and only once however many ask for it at a time.
"""

import asyncio
import os
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Generic, Literal, TypeVar, get_args

from starlette.applications import Starlette

from llmlora.features.system.checks import Finding, examine_machine, torch_finding
from llmlora.kit.clock import utc_now
from llmlora.kit.machine import MachineProbe, MachineSample
from llmlora.kit.settings import Settings

T = TypeVar("T")
Part = Literal["datasets", "models", "jobs", "uploads", "cache", "postgres"]
SAMPLE_S, DISK_USE_S, FINDINGS_S = 1.0, 30.0, 10.0
# It loads torch in a process, for seconds of a core, and finds the same until something is installed.
TORCH_S = 600.0


class Remembered(Generic[T]):
    """The answer of blocking work, asked again when it is older than `age_s`."""

    def __init__(self, work: Callable[[], T], age_s: float) -> None:
        self._work = work
        self._age_s = age_s
        self._lock = asyncio.Lock()
        self._kept: tuple[float, datetime, T] | None = None

    async def get(self) -> tuple[datetime, T]:
        """When it was asked, and the answer."""
        async with self._lock:
            kept = self._kept
            if kept is None or time.monotonic() - kept[0] > self._age_s:
                answer = await asyncio.to_thread(self._work)
                kept = self._kept = (time.monotonic(), utc_now(), answer)
            return kept[1], kept[2]


class Monitor:
    """The remembered figures of one data directory."""

    def __init__(self, settings: Settings) -> None:
        probe = MachineProbe(settings.data_dir)
        self.sample: Remembered[MachineSample] = Remembered(probe.sample, SAMPLE_S)
        self.disk_use: Remembered[dict[Part, int]] = Remembered(
            lambda: disk_use(settings.data_dir), DISK_USE_S
        )
        self.findings: Remembered[list[Finding]] = Remembered(
            lambda: list(examine_machine(settings)), FINDINGS_S
        )
        self.torch: Remembered[Finding] = Remembered(torch_finding, TORCH_S)


def monitor_of(app: Starlette) -> Monitor:
    """The application's monitor; `create_app` makes it."""
    found: Monitor = app.state.monitor
    return found


def disk_use(data_dir: Path) -> dict[Part, int]:
    """Bytes below each part of the data directory; files that vanish meanwhile do not count."""
    return {part: _size(data_dir / part) for part in get_args(Part)}


def _size(directory: Path) -> int:
    total = 0
    for root, _directories, files in os.walk(directory):
        for name in files:
            with suppress(OSError):
                total += (Path(root) / name).lstat().st_size
    return total
