"""The child's side of a run: numbered events on descriptor 3, SIGTERM as a flag, resource samples."""

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
    ResourceSample,
)
from llmlora.contracts.recipe import RunSpec
from llmlora.kit.clock import utc_now
from llmlora.kit.files import sha256_of_file, sha256_of_tree, size_of_tree
from llmlora.kit.machine import MachineProbe

SAMPLE_INTERVAL_S = 2.0
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
        self._cancelled = threading.Event()

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
        """Turn SIGTERM into `cancelled`."""

        def on_term(_number: int, _frame: FrameType | None) -> None:
            self._cancelled.set()

        signal.signal(signal.SIGTERM, on_term)

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
        """Write one numbered event as one line. Figures that are no numbers become a warning: JSON has none."""
        if isinstance(body, MetricBatch):
            lost = sorted(name for name, value in body.values.items() if not math.isfinite(value))
            if lost:
                self.log(
                    f"step {body.step}: {', '.join(lost)} is not finite / 有限の値ではありません",
                    level="warning",
                )
                body = body.model_copy(
                    update={"values": {k: v for k, v in body.values.items() if k not in lost}}
                )
        with self._lock:
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
