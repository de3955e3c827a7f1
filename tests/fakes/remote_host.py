"""A host whose runs are no processes of this machine: what a cluster would run lives in tasks of the test."""

import asyncio
import json
from collections.abc import AsyncGenerator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from llmlora.engine.hosts.handle import Ended

LOST = 70
"""The status of a run whose machine went away."""


class RemoteRun:
    """A `RunHandle`: one metric a step, `steps` of its config; what was asked of it stands in `asked`."""

    def __init__(self, number: int, config: Mapping[str, Any]) -> None:
        self.where = f"cluster run {number}"
        self.asked: list[str] = []
        self.steps_done = 0
        self._config = config
        self._lines: asyncio.Queue[bytes | None] = asyncio.Queue()
        self._may_go = asyncio.Event()
        self._may_go.set()
        self._told_to_stop = False
        self._src_seq = 0
        self._exited: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        self._task = asyncio.create_task(self._run())

    @property
    def is_alive(self) -> bool:
        return not self._exited.done()

    async def events(self) -> AsyncGenerator[bytes]:
        while (line := await self._lines.get()) is not None:
            yield line

    async def ended(self) -> Ended:
        return Ended(await asyncio.shield(self._exited))

    async def stop(self, *, grace_s: float) -> Ended:
        self.asked.append("stop")
        self._told_to_stop = True
        self._may_go.set()
        return await self.ended()

    def kill(self) -> None:
        if self.is_alive:
            self.asked.append("kill")
            self._end(-9)

    def hold(self) -> None:
        self.asked.append("hold")
        self._may_go.clear()

    def go_on(self) -> None:
        self.asked.append("go on")
        self._may_go.set()

    def lose(self) -> None:
        """Its machine goes away."""
        self._end(LOST)

    def _end(self, status: int) -> None:
        self._task.cancel()
        self._exited.set_result(status)
        self._lines.put_nowait(None)

    async def _run(self) -> None:
        steps = self._config.get("steps", 3)
        while self.steps_done < steps and not self._told_to_stop:
            await self._may_go.wait()
            await asyncio.sleep(self._config.get("pause_s", 0))
            self.steps_done += 1
            self._tell("metrics", step=self.steps_done, values={"train/loss": 1 / self.steps_done})
        self._tell("finished", outcome="cancelled" if self._told_to_stop else "completed")
        self._exited.set_result(0)
        self._lines.put_nowait(None)

    def _tell(self, kind: str, **body: Any) -> None:
        self._src_seq += 1
        event = {
            "src_seq": self._src_seq,
            "at": datetime.now(UTC).isoformat(),
            "body": {"type": kind, **body},
        }
        self._lines.put_nowait(json.dumps(event).encode() + b"\n")


class RemoteHost:
    """A `Host` that remembers its runs, in the order in which they started."""

    def __init__(self) -> None:
        self.runs: list[RemoteRun] = []

    async def __call__(
        self, run_dir: Path, env: Mapping[str, str], output: Path, secrets: bytes = b""
    ) -> RemoteRun:
        config = json.loads((run_dir / "spec.json").read_bytes())["config"]
        self.runs.append(RemoteRun(len(self.runs) + 1, config))
        return self.runs[-1]
