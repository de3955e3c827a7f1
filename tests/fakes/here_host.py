"""A host whose runs are threads of this process, where a test is not about processes: a child loads torch for six seconds."""

import asyncio
from collections.abc import AsyncGenerator, Mapping
from pathlib import Path

from llmlora.contracts.run import RunSpec
from llmlora.engine.hosts.handle import Ended, RunHandle
from llmlora.engine.hosts.process import RECIPE, child_environment
from llmlora.entry.worker import WorkerSetup

from tests.here import lines_here


class ThreadRun:
    """A `RunHandle`: its events come when it has ended."""

    def __init__(self, spec: RunSpec) -> None:
        self._running = asyncio.ensure_future(asyncio.to_thread(lines_here, spec))

    where = "a thread of this process"

    @property
    def is_alive(self) -> bool:
        return not self._running.done()

    async def events(self) -> AsyncGenerator[bytes]:
        for line in await asyncio.shield(self._running):
            yield line + b"\n"

    async def ended(self) -> Ended:
        await asyncio.wait([self._running])
        return Ended(0)

    async def stop(self, *, grace_s: float) -> Ended:
        return await self.ended()

    def kill(self) -> None:
        """A thread cannot be killed."""

    def hold(self) -> None:
        """Nor held."""

    def go_on(self) -> None:
        """It does."""


async def start_here(run_dir: Path, env: Mapping[str, str], output: Path, secrets: bytes = b"") -> RunHandle:
    """A thread; a child where the run is told something by its environment or its pipe alone."""
    if secrets or env.keys() > child_environment().keys():
        return await RECIPE(run_dir, env, output, secrets)
    return ThreadRun(RunSpec.model_validate_json((run_dir / "spec.json").read_bytes()))


HERE = WorkerSetup(host=start_here)
