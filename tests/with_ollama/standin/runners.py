"""The llama.cpp processes behind the models: started by the first question, ended when idle and at the end.

Tags with the same weights share one, which goes by the name of the first.
"""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from llmlora.engine.serving.llama_cpp import AdapterFile, LlamaCppSpec, RunningServer, llama_cpp_server
from llmlora.kit.errors import AppError

from tests.with_ollama.standin.lines import ApiError
from tests.with_ollama.standin.models import Model

SMALLEST_CONTEXT = 64
Weights = tuple[Path, ...]


@dataclass
class Runner:
    """One loaded model."""

    model: Model
    spec: LlamaCppSpec
    server: RunningServer
    process: AsyncExitStack
    users: int = 0
    idle: asyncio.Event = field(default_factory=asyncio.Event)
    idle_since: float = 0.0


class Runners:
    """All loaded models. Use as `async with`; a runner whose model or context changes is replaced."""

    def __init__(self, work_dir: Path, idle_s: float) -> None:
        self.work_dir, self.idle_s = work_dir, idle_s
        self.loaded: dict[Weights, Runner] = {}
        self._loading = asyncio.Lock()

    async def __aenter__(self) -> "Runners":
        self._sweeper = asyncio.create_task(self._sweep())
        return self

    async def __aexit__(self, *_: object) -> None:
        self._sweeper.cancel()
        for weights in list(self.loaded):
            await self._unload(weights)

    @asynccontextmanager
    async def use(self, model: Model, num_ctx: int) -> AsyncIterator[RunningServer]:
        """The model's server, loaded if need be, kept while the block runs.

        Raises:
            ApiError: 500, llama.cpp does not load it (an adapter of another base, a broken file).
        """
        async with self._loading:
            runner = await self._fitting(model, num_ctx)
            runner.users += 1
            runner.idle.clear()
        try:
            yield runner.server
        finally:
            runner.users -= 1
            runner.idle_since = time.monotonic()
            if not runner.users:
                runner.idle.set()

    async def unload(self, model: Model) -> None:
        """End a model's process, if there is one, when nobody uses it."""
        await self._unload(_weights(model))

    async def _unload(self, weights: Weights) -> None:
        runner = self.loaded.get(weights)
        while runner is not None and runner.users:
            await runner.idle.wait()
        if runner is not None and self.loaded.pop(weights, None) is not None:
            await runner.process.aclose()

    async def _fitting(self, model: Model, num_ctx: int) -> Runner:
        weights, spec = _weights(model), _spec(model, num_ctx)
        if weights in self.loaded and self.loaded[weights].spec != spec:
            await self._unload(weights)
        if weights not in self.loaded:
            process = AsyncExitStack()
            work_dir = self.work_dir / model.name.path
            try:
                server = await process.enter_async_context(llama_cpp_server(spec, work_dir))
            except AppError as error:
                raise ApiError(500, f"llama-server process has terminated: {error}") from error
            self.loaded[weights] = Runner(model, spec, server, process)
        return self.loaded[weights]

    async def _sweep(self) -> None:
        while True:
            await asyncio.sleep(1)
            for weights, runner in list(self.loaded.items()):
                if not runner.users and time.monotonic() - runner.idle_since > self.idle_s:
                    await self._unload(weights)


def _weights(model: Model) -> Weights:
    return model.gguf, *model.adapters


def _spec(model: Model, num_ctx: int) -> LlamaCppSpec:
    trained_for = model.facts.number("context_length") or num_ctx
    adapters = tuple(AdapterFile(name=path.name, path=path) for path in model.adapters)
    return LlamaCppSpec(
        gguf=model.gguf, adapters=adapters, n_ctx=max(SMALLEST_CONTEXT, min(num_ctx, trained_for))
    )
