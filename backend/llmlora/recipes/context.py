"""The child's side of a run: numbered events on descriptor 3, SIGTERM as a flag, resource samples."""

import os
import signal
import threading
from pathlib import Path
from types import FrameType
from typing import Literal

import psutil
from pydantic import JsonValue

from llmlora.contracts.events import Artifact, ArtifactKind, Event, EventBody, LogBatch, ResourceSample
from llmlora.contracts.recipe import RunSpec
from llmlora.kit.clock import utc_now
from llmlora.kit.files import sha256_of_file, sha256_of_tree, size_of_tree

SAMPLE_INTERVAL_S = 2.0


class ChildContext:
    """A `contracts.recipe.Context` that writes to a descriptor. Safe to call from any thread."""

    def __init__(self, spec: RunSpec, run_dir: Path, events_fd: int) -> None:
        self.spec = spec
        self.run_dir = run_dir
        self._fd = events_fd
        self._lock = threading.Lock()
        self._src_seq = 0
        self._cancelled = threading.Event()

    @property
    def cancelled(self) -> bool:
        """True once SIGTERM was seen."""
        return self._cancelled.is_set()

    def watch_signals(self) -> None:
        """Turn SIGTERM into `cancelled`."""

        def on_term(_number: int, _frame: FrameType | None) -> None:
            self._cancelled.set()

        signal.signal(signal.SIGTERM, on_term)

    def sample_resources(self) -> None:
        """Start a daemon thread that emits a `ResourceSample` every two seconds."""
        process = psutil.Process()

        def sample() -> None:
            process.cpu_percent()
            ticker = threading.Event()
            while not ticker.wait(SAMPLE_INTERVAL_S):
                self.emit(
                    ResourceSample(cpu_percent=process.cpu_percent(), rss_bytes=process.memory_info().rss)
                )

        threading.Thread(target=sample, daemon=True, name="resources").start()

    def emit(self, body: EventBody) -> None:
        """Write one numbered event as one line."""
        with self._lock:
            self._src_seq += 1
            event = Event(src_seq=self._src_seq, at=utc_now(), body=body)
            line = event.model_dump_json().encode() + b"\n"
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
