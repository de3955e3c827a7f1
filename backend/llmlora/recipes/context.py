"""The child's side of a run: numbered events on descriptor 3, SIGTERM as an end of the run, resource samples.

SIGTERM sets `cancelled` and, inside `interruptible`, raises `RunCancelledError` in the main thread at its next step of
Python, wherever that is: in a load, a merge, a hash, a wait for a server. So no recipe has to look for it to end in
time, and what it does in between (temporary files, locks, children) is cleaned up as for any error. Code that has
something to save takes `without_interruption` and looks at `cancelled` itself.
"""

import json
import math
import os
import signal
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType
from typing import Literal

import psutil
from pydantic import JsonValue

from llmlora.contracts.events import (
    Artifact,
    ArtifactKind,
    Event,
    EventBody,
    GpuSample,
    LogBatch,
    MetricBatch,
    NotFinite,
    ResourceSample,
)
from llmlora.contracts.run import RunCancelledError, RunSpec
from llmlora.kit.clock import utc_now
from llmlora.kit.files import sha256_of_file, sha256_of_tree, size_of_tree
from llmlora.kit.machine import MachineProbe
from llmlora.recipes import RECIPES
from llmlora.recipes.step_lines import StepLines

SAMPLE_INTERVAL_S = 2.0
# A library may swallow what was raised inside a callback of its own: it is raised again until it is heard. Long enough
# for what is cleaned up in between, and some times within the grace of `engine.hosts.running.CANCEL_GRACE_S`.
AGAIN_S = 5.0
REDACTED = "[…]"


class ChildContext:
    """A `contracts.recipe.Context` that writes to a descriptor. Safe to call from any thread.

    No event shows a secret, whoever put it into a message.
    """

    def __init__(
        self, spec: RunSpec, run_dir: Path, events_fd: int, secrets: Mapping[str, str] | None = None
    ) -> None:
        self.spec = spec
        self.run_dir = run_dir
        self.secrets = dict(secrets or {})
        self._fd = events_fd
        self._lock = threading.Lock()
        self._src_seq = 0
        declared = RECIPES.get(spec.recipe)
        self._step_lines = StepLines(() if declared is None else declared.metrics)
        self._cancelled = threading.Event()
        self._is_interruptible = False
        self._held = 0

    @property
    def cancelled(self) -> bool:
        """True once SIGTERM was seen."""
        return self._cancelled.is_set()

    def redacted(self, text: str) -> str:
        """The text without this run's secrets, as they are and as JSON writes them."""
        for secret in filter(None, self.secrets.values()):
            for written in (secret, json.dumps(secret)[1:-1]):
                text = text.replace(written, REDACTED)
        return text

    def watch_signals(self) -> None:
        """Hear SIGTERM. Only in the main thread."""

        def on_term(_number: int, _frame: FrameType | None) -> None:
            self._cancelled.set()
            signal.setitimer(signal.ITIMER_REAL, AGAIN_S, AGAIN_S)
            self._leave_if_due()

        def again(_number: int, _frame: FrameType | None) -> None:
            self._leave_if_due()

        signal.signal(signal.SIGALRM, again)
        signal.signal(signal.SIGTERM, on_term)

    @contextmanager
    def interruptible(self) -> Iterator[None]:
        """Let SIGTERM end the block, in the main thread.

        Raises:
            RunCancelledError: SIGTERM was seen, now or before.
        """
        self._is_interruptible = True
        try:
            self._leave_if_due()
            yield
        finally:
            self._is_interruptible = False
            signal.setitimer(signal.ITIMER_REAL, 0)

    @contextmanager
    def without_interruption(self) -> Iterator[None]:
        """While the block runs SIGTERM does no more than set `cancelled`. Its end raises nothing: what was published in
        it stays published, and a run that is over then has completed.
        """
        with self._holding():
            yield

    @contextmanager
    def _holding(self) -> Iterator[None]:
        """Only the main thread is ever interrupted, so only it has something to hold."""
        count = threading.current_thread() is threading.main_thread()
        self._held += count
        try:
            yield
        finally:
            self._held -= count

    def _leave_if_due(self) -> None:
        if self._is_interruptible and not self._held and self._cancelled.is_set():
            raise RunCancelledError

    @contextmanager
    def sampled_resources(self) -> Iterator[None]:
        """Emit a `ResourceSample` every two seconds while the block runs; sampling never fails the run."""
        over = threading.Event()
        sampler = threading.Thread(target=self._sample_until, args=(over,), daemon=True, name="resources")
        sampler.start()
        try:
            yield
        finally:
            over.set()
            sampler.join()

    def _sample_until(self, over: threading.Event) -> None:
        with suppress(Exception):  # a figure less is better than a run less
            process, machine = psutil.Process(), MachineProbe(self.spec.data_dir)
            process.cpu_percent()  # the first call only marks the beginning
            while not over.wait(SAMPLE_INTERVAL_S):
                with suppress(Exception):
                    self.emit(_resources_of(process, machine))

    def emit(self, body: EventBody) -> None:
        """Write one numbered event as one line. Figures that are no numbers are told in words: JSON has none."""
        if isinstance(body, MetricBatch):
            body = _in_words(body)
        with self._holding(), self._lock:  # half a line would be lost, and all behind it
            lines = list(self._step_lines.of(body))
            told: list[EventBody] = [*lines, body]  # the last word of a run stays the last
            if isinstance(body, MetricBatch):
                told = [body, *lines]
            for one in told:
                self._write(one)
        if threading.current_thread() is threading.main_thread():
            self._leave_if_due()

    def _write(self, body: EventBody) -> None:
        self._src_seq += 1
        event = Event(src_seq=self._src_seq, at=utc_now(), body=body)
        line = self.redacted(event.model_dump_json()).encode() + b"\n"
        while line:
            line = line[os.write(self._fd, line) :]

    def log(self, message: str, *, level: Literal["debug", "info", "warning", "error"] = "info") -> None:
        """Write one log line as an event."""
        self.emit(LogBatch(level=level, message=message))

    def publish(
        self, kind: ArtifactKind, name: str, path: Path, facts: dict[str, JsonValue] | None = None
    ) -> None:
        """Hash what lies at `path` and emit it as an artifact."""
        digest = sha256_of_file(path) if path.is_file() else sha256_of_tree(path)
        relative = path.relative_to(self.run_dir) if path.is_relative_to(self.run_dir) else path
        self.emit(
            Artifact(
                kind=kind,
                name=name,
                path=relative.as_posix(),
                sha256=digest,
                size_bytes=size_of_tree(path),
                facts=facts or {},
            )
        )


def _in_words(batch: MetricBatch) -> MetricBatch:
    """The same with every figure that is no number under `not_finite`."""
    finite = {name: value for name, value in batch.values.items() if math.isfinite(value)}
    lost: dict[str, NotFinite] = {
        name: "nan" if math.isnan(value) else "inf" if value > 0 else "-inf"
        for name, value in batch.values.items()
        if name not in finite
    }
    return batch.model_copy(update={"values": finite, "not_finite": lost}) if lost else batch


def _resources_of(process: psutil.Process, machine: MachineProbe) -> ResourceSample:
    now = machine.sample()
    return ResourceSample(
        cpu_percent=process.cpu_percent(),
        rss_bytes=process.memory_info().rss,
        machine_cpu_percent=now.cpu_percent,
        memory_used_bytes=now.memory.used_bytes,
        memory_total_bytes=now.memory.total_bytes,
        disk_free_bytes=None if now.disk is None else now.disk.free_bytes,
        gpus=tuple(
            GpuSample(
                index=gpu.index,
                name=gpu.name,
                utilisation_percent=gpu.utilisation_percent,
                used_bytes=gpu.used_bytes,
                total_bytes=gpu.total_bytes,
            )
            for gpu in now.accelerators
        ),
    )
